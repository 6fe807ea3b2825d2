"""One message that is on its way: lost, late, first, or twice. The same is a value in a schedule, and replays."""

import pytest

from splitbrain import Cluster, Experiment, Misuse, Node, at, constant, rpc, uniform
from splitbrain.faults import delay, deliver, drop, repeat
from splitbrain.workloads import Planned, Workload


class Post(Node):
    """Writes down what arrives when."""

    def __init__(self):
        self.got = []

    @rpc
    async def take(self, what):
        self.got.append((self.now, what))

    @rpc
    async def tell(self, target, *whats):
        for what in whats:
            self.send(target, "take", what)

    @rpc
    async def abc(self, target):
        await self.tell(target, "a", "b", "c")


@pytest.fixture
def cluster():
    """Three messages from n1 to n2 are sent at 4 ms and arrive at 8 ms; it is 5 ms."""
    with Cluster(Post, nodes=2, seed=1, latency=constant(4)) as cluster:
        cluster.client("n1").start("tell", "n2", "a", "b", "c")
        cluster.run(5)
        yield cluster


def arrivals(cluster):
    cluster.run(100)
    return cluster["n2"].got


def test_a_message_on_its_way_is_lost_where_it_is(cluster):
    cluster.drop("c1#0", "n1", "n2", nth=1)
    lost = cluster.journal[-1]
    assert (lost.kind, lost.time, lost.detail["reason"], lost.message.body) == ("drop", 5, "loss", ("b",))
    assert arrivals(cluster) == [(8, "a"), (8, "c")]
    assert cluster.is_quiet() and cluster.network.flying == 0


def test_a_message_on_its_way_is_late(cluster):
    cluster.delay("c1#0", "n1", "n2", 10, nth=1)
    assert arrivals(cluster) == [(8, "a"), (8, "c"), (18, "b")]


def test_a_message_on_its_way_arrives_before_all_else(cluster):
    cluster.deliver("c1#0", "n1", "n2", nth=2)
    assert [m.body for m, _, _ in cluster.in_flight()][0] == ("c",)
    cluster.step()
    assert cluster["n2"].got == [(5, "c")]
    assert arrivals(cluster) == [(5, "c"), (8, "a"), (8, "b")]


def test_a_message_on_its_way_arrives_twice(cluster):
    cluster.repeat("c1#0", "n1", "n2", nth=1)
    assert arrivals(cluster) == [(8, "a"), (8, "b"), (8, "c"), (12, "b")]
    assert cluster.is_quiet() and cluster.network.flying == 0


def test_of_two_copies_the_first_is_meant(cluster):
    cluster.repeat("c1#0", "n1", "n2")
    cluster.drop("c1#0", "n1", "n2")
    assert arrivals(cluster) == [(8, "b"), (8, "c"), (12, "a")]


@pytest.mark.parametrize("name", ["deliver", "repeat"])
@pytest.mark.parametrize("operation, source, target, nth", [
    ("c1#0", "n1", "n2", 3), ("c1#1", "n1", "n2", 0), ("c1#0", "n2", "n1", 0), ("c1#0", "c1", "n1", 0)])
def test_what_is_not_on_its_way_cannot_be_hurried_or_repeated(cluster, name, operation, source, target, nth):
    with pytest.raises(Misuse, match=f"no message number {nth} of {operation} is on its way from {source}"):
        getattr(cluster, name)(operation, source, target, nth=nth)
    assert cluster.schedule == []


def test_what_is_still_to_be_sent_is_lost_or_late_as_soon_as_it_is_sent(cluster):
    cluster.drop("c1#1", "n1", "n2")
    cluster.delay("c1#1", "n1", "n2", 10, nth=1)
    cluster.client("n1").start("tell", "n2", "d", "e", "f")
    assert [what for _, what in arrivals(cluster)] == ["a", "b", "c", "f", "e"]


def test_a_slow_nodes_messages_can_be_lost_while_they_wait():
    with Cluster(Post, nodes=2, seed=1, latency=constant(4)) as cluster:
        cluster.slow("n2", 20)
        cluster.client("n1").start("tell", "n2", "a", "b")
        cluster.run(12)
        cluster.drop("c1#0", "n1", "n2")
        assert arrivals(cluster) == [(28, "b")]


@pytest.mark.parametrize("fault", [
    drop("c1#0", "n1", "n2", nth=2), delay("c1#0", "n1", "n2", 3, nth=2), deliver("c1#0", "n1", "n2", nth=2),
    repeat("c1#0", "n1", "n2", nth=2)], ids=lambda fault: fault.name)
@pytest.mark.parametrize("journal", [True, False])
def test_the_same_in_a_schedule_with_a_journal_or_without(fault, journal):
    plan = Workload("w", (Planned(0, "c1", 0, "abc", "n2", salt=5),), lambda history: None)

    def run(faults, journal):
        with Cluster(Post, nodes=2, seed=3, latency=uniform(2, 6), journal=journal) as cluster:
            done = Experiment(cluster, plan, faults=faults).run()
            return done.cluster["n2"].got, [repr(item) for item in done.cluster.schedule]

    assert run([], True)[0] != run([at(6.5, fault)], journal)[0]
    assert run([at(6.5, fault)], journal) == run([at(6.5, fault)], not journal)
    assert run([at(6.5, fault)], journal)[1] == [repr(at(6.5, fault))]
