"""The workloads of transactions: plans that are the same everywhere, on a store that is right and one that is not."""

import pytest

from splitbrain import Cluster, Experiment, Node, rpc
from splitbrain.checkers import CHECKERS
from splitbrain.workloads import append, rw_register


class Store(Node):
    """Lists and registers in one table; every node has its own, and tells nobody."""

    def setup(self):
        self.db["entry"].create({"id": int, "key": str, "value": int}, pk="id")

    @rpc
    async def txn(self, mops):
        with self.transaction():
            return [self.apply(*mop) for mop in mops]

    def apply(self, f, key, value):
        if f != "r":
            self.db["entry"].insert({"key": key, "value": value})
            return [f, key, value]
        rows = [row["value"] for row in self.db["entry"].rows_where("key = ?", [key], order_by="id")]
        return [f, key, self.seen(rows)]

    def seen(self, rows):
        return rows


class Registers(Store):
    def seen(self, rows):
        return rows[-1] if rows else None


@pytest.mark.parametrize(("node", "make"), [(Store, append), (Registers, rw_register)])
def test_one_node_is_strictly_serializable_and_two_that_do_not_talk_are_not(node, make):
    for nodes, status in ((1, "ok"), (2, "violated")):
        with Cluster(node, nodes=nodes, seed=3) as cluster:
            run = Experiment(cluster, workload=make(ops=60, seed=3)).run()
            assert run.verdict.status == status, run.verdict
            assert len(run.history) == 60


@pytest.mark.parametrize("make", [append, rw_register])
def test_plans(make):
    short, long = make(ops=30).operations, make(ops=60).operations
    assert set(map(str, short)) < set(map(str, long))
    assert make(seed=1).operations == make(seed=1).operations != make(seed=2).operations
    assert make().check in CHECKERS
    written = [(key, value) for o in make(ops=500).operations for f, key, value in o.value if f != "r"]
    assert len(set(written)) == len(written) > 400
    assert all(1 <= len(o.value) <= 2 for o in make(longest=2).operations)
    assert {f for o in make(reads=1).operations for f, _, _ in o.value} == {"r"}


def test_full_keys_give_way_to_fresh_ones():
    plan = append(ops=500, keys=2, appends=5).operations
    counts = {}
    for f, key, _ in (mop for o in plan for mop in o.value):
        counts[key] = counts.get(key, 0) + (f == "append")
    assert len(counts) > 50 and max(counts.values()) == 5


@pytest.mark.parametrize("wrong", [{"clients": 0}, {"keys": 0}, {"every": 0}, {"reads": 2}, {"longest": 9}])
def test_nonsense_is_refused(wrong):
    with pytest.raises(ValueError, match="append\\(\\) needs"):
        append(**wrong)
