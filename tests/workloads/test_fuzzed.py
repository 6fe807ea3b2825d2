"""Every workload can be fuzzed: a right node is left in peace, a broken one found, cut down, and replayed."""

import broken_nodes
import pytest
from right_nodes import RIGHT

from splitbrain import Cluster, Experiment, workloads
from splitbrain.explore import fuzz, replay
from splitbrain.explore.schedules import KINDS

KEPT = [kind for kind in KINDS if kind != "duplicate"]  # none of these nodes knows what it has already done


def fuzzed(node, name, **options):
    with Cluster(node, nodes=3) as cluster:
        return fuzz(Experiment(cluster, getattr(workloads, name)(ops=20)), progress=False, **options)


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_node_is_left_in_peace(name):
    found = fuzzed(RIGHT[name], name, runs=80, faults=KEPT)
    assert found.failure is None and found.counts["ok"] > 40


@pytest.mark.parametrize(("node", "name", "most"), [
    ("TearsCas", "cas_register", 3), ("TearsAppend", "kv", 3), ("AnyoneReleases", "mutex", 1),
    ("CountsForIds", "queue", 13), ("TearsAdd", "counter", 4), ("SetsOfTheirOwn", "grow_only_set", 5),
    ("TwoTransactions", "bank", 6), ("TransactionsApart", "append", 2)])
def test_a_broken_node_is_found_and_cut_down(node, name, most):
    found = fuzzed(getattr(broken_nodes, node), name, runs=500, faults=KEPT)
    assert found.failure is not None, found.verdict
    assert len(found.failure.workload) <= most, found
    again = eval(found.replay, {"replay": replay})
    assert str(again.verdict) == f"violated: {found.note}"
