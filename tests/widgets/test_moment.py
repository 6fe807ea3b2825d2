"""A moment from the journal is what the cluster was, at every step of runs with a bit of everything."""

import pytest

from splitbrain import Cluster
from splitbrain.widgets.moment import flying, moment

from .registers import register
from .stories import acts


def compare(cluster):
    """What the journal says of now, and what the cluster says of itself."""
    then = moment(cluster, len(cluster.journal))
    for name in cluster.names:
        seen = then.nodes[name]
        assert seen.state == cluster.state(name)
        assert seen.slow == cluster.network.endpoints[name].lag_us / 1000
        if seen.state != "crashed":
            assert (seen.role, dict(seen.values)) == (cluster[name].role, cluster.values(name))
            assert seen.skew[1] == cluster[name].clock_rate
    for a, b in cluster.links:
        for way in ((a, b), (b, a)):
            assert then.is_cut(*way) == cluster.is_cut(*way)
            source, target = (cluster.network.endpoints[name] for name in way)
            link = cluster.network.links.get(source.base + target.index, cluster.network.everywhere)
            assert then.latencies[way] == link.latency
    under_way = [m.id for m, _, _ in cluster.in_flight()] + [m.id for m in cluster.network.waiting()]
    assert flying(cluster.journal, len(cluster.journal)) == sorted(under_way)


@pytest.mark.parametrize("seed", range(12))
def test_the_journal_says_what_the_cluster_is(seed):
    with register(timeout=60) as cluster:
        compare(cluster)
        for _ in acts(cluster, seed, count=80):
            compare(cluster)
        assert len(cluster.journal) > 60, "something happened"


def test_what_a_client_was_told_is_there_from_then_on():
    with register() as cluster:
        cluster.client("n2").put("x", 1)
        told = [moment(cluster, i).answers.get("n2", {}).get("status") for i in range(len(cluster.journal) + 1)]
        asked = next(e.index for e in cluster.journal if e.kind == "invoke")
        answered = next(e.index for e in cluster.journal if e.kind == "complete")
        assert told == [None] * (asked + 1) + ["waiting"] * (answered - asked) + ["ok"] * (len(told) - answered - 1)


def test_links_of_a_part_of_the_nodes():
    with register(links=[("n1", "n2"), ("n2", "n3")]) as cluster:
        cluster.cut("n2", "n3")
        assert set(moment(cluster, 1).latencies) == {("n1", "n2"), ("n2", "n1"), ("n2", "n3"), ("n3", "n2")}
        compare(cluster)


def test_two_copies_are_under_way_from_the_moment_on_that_there_were_two():
    with register(nodes=2) as cluster:
        cluster.client("n1").start("put", "x", 1)
        cluster.run(3)
        before = len(cluster.journal)
        cluster.repeat("c1#0", "n1", "n2")
        cluster.run(10)
        (copy,) = [m.id for m in (e.message for e in cluster.journal if e.kind == "send") if m.method == "copy"]
        counts = [flying(cluster.journal, i).count(copy) for i in range(len(cluster.journal) + 1)]
        assert counts[before] == 1 and counts[before + 1] == 2 and counts[-1] == 0


def test_the_beginning_of_any_cluster_is_empty():
    from splitbrain.node import Node

    with Cluster(Node, nodes=1) as cluster:
        then = moment(cluster, 0)
        assert (then.index, then.time, then.groups, then.answers) == (0, 0, [], {})
