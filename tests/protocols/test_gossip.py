"""News spread as the recurrences say, on our simulator; rumours miss as many as Demers et al. print."""

from statistics import fmean

import pytest

from splitbrain import Cluster, uniform
from splitbrain.protocols.gossip import Gossip, RumourMonger
from splitbrain.theory.epidemics import RUMOURS, ignorant, never_hear, rounds_until_all

NODES, RUNS = 64, 6


class Pull(Gossip):
    push, pull = False, True


class Both(Gossip):
    pull = True


def heard(kind, seed, rounds=18, nodes=NODES):
    """The rounds in which each node heard, in order, and the cluster."""
    cluster = Cluster(kind, nodes=nodes, seed=seed, latency=uniform(1, 4))
    cluster.client("n1").start("tell", "fire", 1)
    cluster.run(kind.period * rounds)
    return sorted(event.time / kind.period for event in cluster.journal.of("values")), cluster


@pytest.mark.parametrize("kind", [Gossip, Pull, Both])
def test_news_spread_as_the_recurrence_says(kind):
    """From when a quarter knows to when nine in ten do; before that, chance decides."""
    def took(times):
        return times[int(0.9 * NODES)] - times[NODES // 4]

    shares = [1 - p for p in ignorant(NODES, 30, push=kind.push, pull=kind.pull)]
    first, last = (next(i + (share - shares[i]) / (shares[i + 1] - shares[i]) for i in range(30)
                        if shares[i] <= share < shares[i + 1]) for share in (0.25, 0.9))
    times = [heard(kind, seed)[0] for seed in range(RUNS)]
    assert all(len(one) == NODES for one in times)
    assert fmean(map(took, times)) == pytest.approx(last - first, abs=0.75)


def test_a_round_begins_on_time_however_long_an_answer_takes():
    cluster = Cluster(Pull, nodes=3, seed=1, latency=uniform(4, 7))
    cluster.run(10 * Pull.period)
    asked = [event.time for event in cluster.journal.of("send")
             if event.message.method == "ask" and event.message.kind == "request" and event.message.source == "n1"]
    assert asked == [Pull.period * i for i in range(1, len(asked) + 1)]
    assert len(asked) == 10


def test_pushing_reaches_all_after_about_log2_n_and_ln_n_rounds():
    last = [heard(Gossip, seed)[0][-1] for seed in range(RUNS)]
    assert fmean(last) == pytest.approx(rounds_until_all(NODES), abs=2)


def test_news_outlive_a_partition_and_a_crash_and_rumours_do_not():
    for kind, reached in ((Gossip, True), (RumourMonger, False)):
        cluster = Cluster(kind, nodes=6, seed=2)
        cluster.isolate("n6")
        cluster.client("n1").tell("fire", 1)
        cluster.run(2000)
        cluster.heal()
        cluster.run(2000)
        assert ("fire" in cluster.values("n6")) == reached


def test_what_is_hot_is_lost_in_a_crash_and_what_is_known_is_not():
    cluster = Cluster(RumourMonger, nodes=3, seed=1)
    cluster.isolate("n1")
    cluster.client("n1").tell("fire", 1)
    cluster.crash("n1")
    cluster.restart("n1")
    cluster.heal()
    cluster.run(1000)
    assert cluster.values("n1") == {"fire": 1} and not cluster.values("n2")


@pytest.mark.parametrize("k", [1, 2])
def test_a_rumour_misses_about_as_many_as_published_and_as_its_traffic_says(k):
    kind = type("Rumours", (RumourMonger,), {"interest": k})
    runs = [heard(kind, seed, rounds=40, nodes=120) for seed in range(RUNS)]
    missed = fmean(1 - len(times) / 120 for times, _ in runs)
    told = fmean(sum(e.message.method == "hear" and e.message.kind == "request" for e in cluster.journal.of("send"))
                 for _, cluster in runs) / 120
    share, traffic = RUMOURS[k]
    assert missed == pytest.approx(share, abs=0.07) and told == pytest.approx(traffic, rel=0.25)
    assert missed == pytest.approx(never_hear(told), abs=0.04)
    assert all(not cluster[name].hot for _, cluster in runs for name in cluster.names)
