"""Last writer wins: always an answer, the same copies in the end, and writes that nobody finds again."""

import broken_registers as broken
import pytest
from weather import BUSY, echoes, failures, storm

from splitbrain import Cluster, at, heal, restart, uniform
from splitbrain.checkers import availability, convergence, linearizability
from splitbrain.experiment import Experiment
from splitbrain.explore import fuzz
from splitbrain.explore.schedules import KINDS
from splitbrain.faults import duplicate, loss, reorder, resume, slow
from splitbrain.protocols.last_writer_wins import LastWriterWins
from splitbrain.workloads import register

NAMES = ["n1", "n2", "n3", "n4"]
MENDED = 500.0
MEND = [at(MENDED, one) for one in (heal(), loss(0), duplicate(0), reorder(0, 0))]
MEND += [at(MENDED, mend(name)) for name in NAMES for mend in (restart, resume)] + [
    at(MENDED, slow(name, 0)) for name in NAMES]
# A turn with each of the others: 50 ms apart and 10 ms long; one that began before it was mended may take 50 ms.
AGREED = MENDED + 50 + 3 * (50 + 10) + 10


def healed(node, runs, seed=0, judge=convergence, **options):
    """Every fault there is, for half a second; then all is well. Do the copies agree?"""
    with Cluster(node, nodes=4, latency=uniform(1, 5)) as cluster:
        experiment = Experiment(cluster, register(clients=8, ops=80, keys=3, reads=0.3), MEND, until=AGREED)
        return fuzz(experiment, runs=runs, seed=seed, most_operations=80, span=300, most_faults=4, nodes=[4],
                    faults=KINDS, judge=judge, progress=False, **options)


@pytest.mark.parametrize("runs", [150, pytest.param(2_000, marks=pytest.mark.long)])
def test_the_copies_agree_once_all_is_well(runs):
    found = healed(LastWriterWins, runs, seed=runs)
    assert found.verdict.status == "ok", found


@pytest.mark.parametrize("node", [broken.NeverMeets, broken.TakesAsItComes])
def test_without_exchange_or_order_they_do_not(node):
    assert healed(node, 40, bad=()).counts.get("violated", 0) > 0


def both(run):
    return f"{convergence(run).status} {run.verdict.status}"


@pytest.mark.parametrize("runs", [40, pytest.param(2_000, marks=pytest.mark.long)])
def test_it_converges_in_the_very_runs_that_are_not_linearizable(runs):
    counts = healed(LastWriterWins, runs, seed=runs, judge=both).counts
    assert set(counts) <= {"ok ok", "ok violated"} and counts["ok violated"] > 0, counts
    assert healed(broken.NeverMeets, 40, seed=runs, judge=both).counts["violated violated"] > 0


def test_it_is_not_linearizable():
    assert failures(storm, LastWriterWins) > 0


def test_a_request_that_comes_twice_is_one_write():
    for seed in range(20):
        with Cluster(LastWriterWins, nodes=1, seed=seed) as cluster:
            cluster.duplicate(1.0)
            for i in range(4):
                cluster.client("n1", f"c{i}").put("x", i)
            cluster.run(50)
            assert cluster.values("n1") == {"x": 3}
    assert failures(echoes, broken.WritesAgain, nodes=1) > 0


def test_everyone_who_runs_answers_whatever_is_cut():
    with Cluster(LastWriterWins, nodes=3, latency=uniform(1, 5)) as cluster:
        found = fuzz(Experiment(cluster, BUSY), runs=100, faults=("partition", "isolate", "cut"), most_operations=80,
                     span=300, judge=lambda run: availability(run.history), progress=False)
    # A cut of a client's own link would be another matter; those are not among these. An empty run has no share.
    assert found.failure is None and set(found.counts) <= {"ok", "unknown"}, found


def test_both_sides_of_a_partition_write_and_one_write_is_gone():
    with Cluster(LastWriterWins, nodes=3, seed=7) as cluster:
        cluster.partition("n1", "n2 n3")
        cluster.client("n1").put("x", 1)
        cluster.client("n3").put("x", 2)
        assert (cluster.client("n1").get("x"), cluster.client("n2").get("x")) == (1, 2)
        assert convergence(cluster).status == "violated"
        cluster.heal()
        cluster.run(200)
        assert convergence(cluster).status == "ok" and cluster.values("n1") == {"x": 2}


def test_a_clock_that_is_behind_loses_a_write_that_was_acknowledged():
    with Cluster(LastWriterWins, nodes=3, seed=7) as cluster:
        cluster.skew("n2", -100)
        cluster.client("n1").put("x", 1)
        cluster.run(20)
        cluster.client("n2").put("x", 2)
        assert cluster.client("n2").get("x") == 1  # on its own node, at once
        cluster.run(300)
        assert {str(cluster.values(name)) for name in cluster.names} == {"{'x': 1}"}
        assert linearizability(cluster.history).status == "violated"


def test_a_time_before_zero_spreads_like_any_other():
    with Cluster(LastWriterWins, nodes=2, seed=7) as cluster:
        cluster.skew("n1", -1000)
        cluster.cut("n1", "n2")
        cluster.client("n1").put("x", 1)
        cluster.heal()
        cluster.run(100)
        assert cluster.values("n2") == {"x": 1}


def test_its_price_is_what_it_says():
    with Cluster(LastWriterWins, nodes=3, seed=1) as cluster:
        client = cluster.client("n1")
        client.put("x", 1)
        cluster.run(10)
        client.get("x")
        assert [operation.delays for operation in client.operations] == [2, 2]
        assert (cluster.ledger.messages, cluster.ledger.forced_writes) == (2 + 2 + 2, 3)
