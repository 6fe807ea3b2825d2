"""The quorum register: linearizable in every weather, and by none of its parts can it be poorer."""

import broken_registers as broken
import pytest
from weather import echoes, failures, storm

from splitbrain import Cluster, Refused, RpcError, constant, rpc
from splitbrain.checkers import linearizability
from splitbrain.protocols.quorum import QuorumRegister, newest


@pytest.mark.parametrize("weather", [storm, echoes])
@pytest.mark.parametrize(("nodes", "runs"), [
    (3, 150), (4, 60), (5, 60), pytest.param(3, 2_000, marks=pytest.mark.long),
    pytest.param(5, 2_000, marks=pytest.mark.long)])
def test_it_is_linearizable(weather, nodes, runs):
    found = weather(QuorumRegister, runs=runs, nodes=nodes, seed=nodes)
    assert found.verdict.status == "ok" and found.counts == {"ok": runs}, found


@pytest.mark.parametrize(("node", "weather"), [
    (broken.NeverWritesBack, storm), (broken.BreaksNoTies, storm), (broken.LatestArrival, storm),
    (broken.OneIsEnough, storm), (broken.ReadsOne, storm), (broken.WritesTwice, echoes),
    (broken.RefusesUndecided, echoes)])
def test_each_of_its_parts_is_needed(node, weather):
    assert failures(weather, node) > 0


def test_a_get_that_does_not_write_back_is_told_by_three_operations():
    found = storm(broken.NeverWritesBack, runs=100, nodes=3)
    assert len(found.failure.workload) == 3 and not found.failure.faults, found


def power_cut(node):
    """A put is answered, then the power goes everywhere. What is left of it?"""
    with Cluster(node, nodes=3, seed=1) as cluster:
        cluster.client("n1").put("x", 1)
        cluster.run(20)
        for name in cluster.names:
            cluster.crash(name, kind="power")
            cluster.restart(name)
        return [cluster.values(name) for name in cluster.names], cluster.client("n2").get("x")


def test_what_was_answered_is_on_disk():
    assert power_cut(QuorumRegister) == ([{"x": 1}] * 3, 1)
    assert power_cut(broken.KeepsUnforced) == ([{}] * 3, None)


def late_copy(node, kind="power"):
    """A put's request comes again, when its node has crashed and another put has been answered: what is then read?"""
    with Cluster(node, nodes=3, seed=1, latency=constant(2)) as cluster:
        first, second = cluster.client("n1"), cluster.client("n2")
        cluster.latency(constant(40), "c1", "n1")
        cluster.duplicate(1.0, "c1", "n1")
        first.start("put", "x", 1)
        cluster.latency(constant(2), "c1", "n1")  # for the answer; the request is on its way
        cluster.run(60)  # it arrived at 40, was answered, and comes again at 80
        cluster.crash("n1", kind=kind)
        cluster.restart("n1")
        second.put("x", 2)
        cluster.run(60)
        second.get("x")
        return linearizability(cluster.history).status


@pytest.mark.parametrize("kind", ["process", "power"])
def test_a_number_outlives_the_crash_of_its_node(kind):
    assert late_copy(QuorumRegister, kind) == "ok"
    assert late_copy(broken.RemembersInMemory, kind) == "violated"


def test_a_number_is_on_disk_before_anyone_hears_of_it():
    class NumbersUnforced(QuorumRegister):
        async def number(self, key):
            decided = self.decided(self.operation)
            if decided is None:
                number = newest(await self.ask("copy", key))[0] + 1
                with self.transaction(forced=False):
                    self.decide(self.operation, number)
                    decided = self.decided(self.operation)
            return decided[0]

        @rpc
        async def keep(self, key, number, writer, value):
            if self.name == "n1" and number == 1:
                await self.sleep(500)  # that commit of its own copy would force the number, too: it comes too late
            await super().keep(key, number, writer, value)

    assert late_copy(NumbersUnforced, "process") == "ok"
    assert late_copy(NumbersUnforced, "power") == "violated"


def test_the_larger_side_is_served_and_the_smaller_refuses_for_certain():
    with Cluster(QuorumRegister, nodes=5, seed=1) as cluster:
        cluster.client("n1").put("x", 1)
        cluster.partition("n1 n2", "n3 n4 n5")
        cluster.client("n3").put("x", 2)
        assert cluster.client("n5").get("x") == 2
        for ask in ("get", "x"), ("put", "x", 3):
            with pytest.raises(Refused, match="n1 hears of no majority"):
                getattr(cluster.client("n1"), ask[0])(*ask[1:])
        cluster.heal()
        assert cluster.client("n1").get("x") == 2
        assert linearizability(cluster.history).status == "ok"


def test_where_it_may_have_written_it_does_not_refuse():
    with Cluster(QuorumRegister, nodes=3, seed=1, latency=constant(2)) as cluster:
        put = cluster.client("n1").start("put", "x", 1)
        cluster.run(7)  # a majority has told its tags; now it is cut off, with the value on its way to itself
        cluster.isolate("n1")
        with pytest.raises(RpcError):
            cluster.finish(put)
        assert cluster.values("n1") == {"x": 1}


def test_its_price_is_what_it_says():
    for nodes in (3, 5):
        with Cluster(QuorumRegister, nodes=nodes, seed=1) as cluster:
            client = cluster.client("n1")
            client.put("x", 1)
            cluster.run(50)
            put = cluster.ledger
            assert (put.messages, put.forced_writes) == (2 + 2 * 2 * nodes, nodes + 1)
            assert client.operations[-1].delays == 2 + 4
            client.get("x")
            cluster.run(50)
            assert (cluster.ledger.messages - put.messages, client.operations[-1].delays) == (2 + 2 * nodes, 2 + 2)
            assert cluster.ledger.forced_writes == put.forced_writes


def test_a_get_that_meets_two_values_writes_the_newer_one_to_a_majority():
    with Cluster(QuorumRegister, nodes=3, seed=1) as cluster:
        cluster["n3"].connection.execute("INSERT INTO copy VALUES ('x', 7, 1, 'c3#0')")
        cluster.partition("n1", "n2 n3")
        client = cluster.client("n2")
        assert client.get("x") == 7 and client.operations[-1].delays == 2 + 4
        cluster.run(50)
        assert cluster.values("n2") == {"x": 7}
