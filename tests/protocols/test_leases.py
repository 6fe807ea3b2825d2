"""Leases: safe while clocks and promptness are as promised; fenced, safe whatever they are."""

import random

import pytest

from splitbrain import Cluster, at, constant
from splitbrain.checkers.single_writer import single_writer
from splitbrain.faults import crash, cut, heal, latency, pause, restart, resume, skew
from splitbrain.latency import exponential, uniform
from splitbrain.protocols.leases import FencedStore, Holder, LeaseServer, OpenStore


class Eager(Holder):
    """Takes over as soon as it can."""

    beat = 4.0


class Careful(Eager):
    """Its margin covers thinking and the slowest message, its drift the slowest clock."""

    margin, drift = Holder.thinks + 5, 0.1


class Long(LeaseServer):
    length = 600.0


class Undrifting(Careful):
    drift = 0.0


class Quick(Eager):
    thinks = 1.0


class OlderThanTheLast(FencedStore):
    def admit(self, epoch, holder):
        last = self.db.execute("SELECT epoch FROM accepted ORDER BY place DESC LIMIT 1").fetchone()
        if last and epoch < last[0] - 1:
            super().admit(epoch, holder)


class ForgetsTheEpoch(LeaseServer):
    """Epochs begin again with each life."""

    async def start(self):
        await super().start()
        self.db.execute("UPDATE lease SET epoch = 0")


def accepted(faults, *, store=OpenStore, holder=Holder, other=None, lease=LeaseServer, ms=2_000, seed=1, **options):
    nodes = {"lease": lease, "store": store, "a": holder, "b": other or holder}
    with Cluster(nodes=nodes, seed=seed, **options) as cluster:
        cluster.follow(faults)
        cluster.run(ms)
        return cluster["store"].log()


def epochs(log):
    return len(dict(log))


PAUSED = [at(445, pause("a")), at(1_000, resume("a"))]
SLOW = [at(200, skew("a", 0, rate=0.5)), at(400, cut("a", "lease"))]
LATE = [at(400, cut("a", "lease")), at(500, latency(constant(400), "a", "store"))]


@pytest.mark.parametrize("faults", [PAUSED, SLOW, LATE], ids=["paused", "slow clock", "late message"])
def test_a_lease_alone_lets_an_old_holder_write_and_the_fence_does_not(faults):
    verdict = single_writer(accepted(faults))
    assert verdict.status == "violated"
    assert "of epoch 1 of a, and epoch 2 of b had written before" in verdict.explanation
    log = accepted(faults, store=FencedStore)
    assert single_writer(log).status == "ok" and epochs(log) > 1


def test_a_dead_holder_is_followed_by_another_one_and_a_cut_one_too():
    for fault in (crash("a"), cut("a", "lease")):
        log = accepted([at(400, fault)])
        assert list(dict(log).values()) == ["a", "b"] and single_writer(log).status == "ok"


def test_a_holder_never_believes_for_longer_than_the_server_does():
    with Cluster(nodes={"lease": LeaseServer, "store": OpenStore, "a": Holder}, seed=1) as cluster:
        for _ in range(200):
            cluster.run(3)
            [(until,)] = cluster["lease"].db.execute("SELECT until FROM lease").fetchall()
            assert cluster["a"].until < until or until == 0


def test_while_all_is_well_one_keeps_it():
    log = accepted([])
    assert epochs(log) == 1 and len(log) > 20


def honest_clocks(luck):
    """Cuts and crashes."""
    for _ in range(6):
        name, when = luck.choice("ab"), luck.uniform(0, 1_500)
        yield at(when, cut(name, "lease"))
        yield at(when + luck.uniform(10, 400), heal(name, "lease"))
    for _ in range(luck.randrange(3)):
        yield at((when := luck.uniform(0, 1_500)), crash(name := luck.choice(["a", "b", "lease"]), kind="power"))
        yield at(when + 100, restart(name))


def within_the_promise(luck):
    """The same, and clocks of a rate that differs by no more than the drift."""
    yield at(0, skew("a", luck.uniform(-50, 50), rate=luck.uniform(0.91, 1.0)))
    yield from honest_clocks(luck)


def slow_and_cut(luck):
    """The slowest clock that is promised, and a lease that cannot be renewed."""
    yield at(0, skew("a", 0, rate=0.91))
    yield at(luck.uniform(100, 1_500), cut("a", "lease"))


def anything(luck):
    """The same, and pauses, wild clocks and slow messages."""
    yield from within_the_promise(luck)
    yield at(1, skew("b", 0, rate=luck.uniform(0.3, 2)))
    yield at(luck.uniform(0, 1_500), latency(exponential(100), luck.choice("ab")))
    for _ in range(4):
        name, when = luck.choice("ab"), luck.uniform(0, 1_500)
        yield at(when, pause(name))
        yield at(when + luck.uniform(10, 700), resume(name))


def campaign(weather, runs, **options):
    """What the store accepted in each of so many runs, one after the other."""
    for seed in range(runs):
        yield accepted(sorted(weather(random.Random(seed)), key=lambda item: item.ms), seed=seed,
                       latency=uniform(1, 5), journal=False, **options)


def finds_a_violation(logs):
    return any(single_writer(log).status == "violated" for log in logs)


def assert_safe(logs, runs, takeovers):
    logs = list(logs)
    assert len(logs) == runs and {single_writer(log).status for log in logs} == {"ok"}
    assert sum(map(epochs, logs)) > takeovers * runs


@pytest.mark.parametrize("runs", [40, pytest.param(1_000, marks=pytest.mark.long)])
def test_who_keeps_its_margin_is_safe_while_clocks_and_messages_keep_their_promise(runs):
    assert_safe(campaign(within_the_promise, runs, holder=Careful, lease=Long), runs, takeovers=1)


def test_without_the_margin_or_beyond_the_promise_it_is_not():
    def thinking(margin):
        """From hardly at all to far too long, with the lease server out of reach."""
        for ms in range(10, 80, 2):
            slow = type("Slow", (Eager,), {"thinks": float(ms), "margin": ms + 5.0 if margin else 0.0})
            yield accepted([at(350, cut("a", "lease"))], holder=slow, other=Quick, ms=900, journal=False)

    assert finds_a_violation(thinking(margin=False))
    assert not finds_a_violation(thinking(margin=True))
    assert finds_a_violation(campaign(slow_and_cut, 40, holder=Undrifting, lease=Long))
    assert finds_a_violation(campaign(anything, 60, holder=Careful))


@pytest.mark.parametrize("runs", [40, pytest.param(1_000, marks=pytest.mark.long)])
def test_fenced_it_is_safe_whatever_happens(runs):
    assert_safe(campaign(anything, runs, store=FencedStore), runs, takeovers=1.5)


def test_each_part_of_the_fence_is_needed():
    assert finds_a_violation(campaign(anything, 120, store=OlderThanTheLast))
    again = [at(600, crash("lease")), at(650, restart("lease")), at(650, cut("a", "lease"))]
    assert single_writer(accepted(again, store=OpenStore, lease=ForgetsTheEpoch)).status == "violated"
    assert single_writer(accepted(again, store=OpenStore)).status == "ok"


@pytest.mark.parametrize(("log", "says"), [
    ([], "ok"), ([(1, "a")], "ok"), ([(1, "a"), (3, "b"), (3, "b")], "ok"), ([(2, "a"), (1, "b")], "violated"),
    ([(1, "a"), (1, "b")], "violated"), ([(1, "a"), (2, "b"), (2, "a")], "violated"),
])
def test_the_judge(log, says):
    assert single_writer(log).status == says
