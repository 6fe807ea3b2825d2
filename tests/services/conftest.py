"""One server for all tests of a module, and shops on it."""

import os
import tempfile

import pytest

from splitbrain.messaging.server import server
from splitbrain.services.shop import BUILDS, Shop


@pytest.fixture(scope="module")
def redis():
    """A client of a server of this module's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("REDIS_URL", raising=False)
        with server(transport="unix") as own:
            yield own.client()


@pytest.fixture
def run(redis):
    """Runs one order in a new shop: ``run("orchestrated saga", kills, owner="bob")`` gives what is left of it."""

    def _run(build, kills=(), **changes):
        memory = "/dev/shm" if os.path.isdir("/dev/shm") else None      # a kill is not a power cut: no disk is needed
        with tempfile.TemporaryDirectory(prefix="splitbrain-test-", dir=memory) as folder, \
                Shop(redis, folder, BUILDS.get(build, build), kills=kills) as shop:
            shop.place(**changes)
            shop.run()
            return {"outcome": shop.outcome(), "goods": shop.goods(), "deaths": shop.deaths, "price": shop.price(),
                    "boundaries": shop.boundaries(), "trace": shop.trace()}

    return _run
