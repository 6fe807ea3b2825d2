"""Real processes and real SIGKILLs: the order ends as it does without them, and no process is left."""


import psutil
import pytest

from splitbrain.messaging.server import server
from splitbrain.services.process import ProcessShop
from splitbrain.services.shop import REFUSALS, Kill


@pytest.fixture(scope="module")
def own():
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("REDIS_URL", raising=False)
        with server(transport="unix") as own:
            yield own


def services_running():
    """The workers of this process: they are children of its nursery."""
    nurseries = [p for p in psutil.Process().children() if "nursery.py" in " ".join(p.cmdline())]
    return [p for nursery in nurseries for p in nursery.children()]


def killed(own, folder, kill, refused):
    with ProcessShop(own, folder, kills=(kill,)) as shop:
        shop.place(**REFUSALS[refused])
        assert len(services_running()) in (2, 3)  # the one to be killed may have been quick
        deaths = shop.run()
        told = shop.outcome(), shop.goods()["lamp"], deaths, shop.deaths
    assert services_running() == []
    return told


@pytest.mark.parametrize("kill, refused, ends", [(Kill("order", 3), "nobody", ("completed", 3)),
                                                 (Kill("stock", 12), "ship", ("compensated", 5)),
                                                 (Kill("payment", 6), "ship", ("compensated", 5))], ids=str)
def test_killed_by_sigkill(own, tmp_path, kill, refused, ends):
    assert killed(own, tmp_path, kill, refused) == (*ends, 1, [f"{kill.service}, SIGKILL"])


@pytest.mark.long
@pytest.mark.parametrize("refused, ends", [("nobody", ("completed", 3)), ("ship", ("compensated", 5))])
def test_killed_by_sigkill_at_every_boundary(own, run, tmp_path, refused, ends):
    """All but the last of each service: there the order may be at its end before the process dies."""
    passed = run("orchestrated saga", **REFUSALS[refused])["boundaries"]
    last = {kill.service: kill for kill in passed}
    for n, kill in enumerate(kill for kill in passed if kill.number < last[kill.service].number - 2):
        folder = tmp_path / str(n)
        folder.mkdir()
        assert (kill, *killed(own, folder, kill, refused)[:2]) == (kill, *ends)
