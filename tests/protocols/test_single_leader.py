"""The single leader: linearizable, on a majority's disks, and served only where the leader is."""

import broken_registers as broken
import pytest
from weather import echoes, failures, storm

from splitbrain import Cluster, Refused, RpcError
from splitbrain.checkers import linearizability
from splitbrain.protocols.single_leader import SingleLeader


@pytest.mark.parametrize("weather", [storm, echoes])
@pytest.mark.parametrize(("nodes", "runs"), [(3, 150), (5, 60), pytest.param(3, 2_000, marks=pytest.mark.long)])
def test_it_is_linearizable(weather, nodes, runs):
    found = weather(SingleLeader, runs=runs, nodes=nodes, seed=nodes)
    assert found.verdict.status == "ok" and found.counts == {"ok": runs}, found


@pytest.mark.parametrize(("node", "weather"), [
    (broken.AnswersByItself, storm), (broken.ClaimsRefusal, storm),
    (broken.LeaderWritesTwice, echoes)])
def test_each_of_its_parts_is_needed(node, weather):
    assert failures(weather, node) > 0


def after_power_cut(node):
    with Cluster(node, nodes=5, seed=1) as cluster:
        cluster.isolate("n5")
        cluster.client("n2").put("x", 1)
        for name in cluster.names:
            cluster.crash(name, kind="power")
            cluster.restart(name)
        return sum(cluster.values(name) == {"x": 1} for name in cluster.names)


def test_what_was_answered_is_on_the_disks_of_a_majority():
    assert after_power_cut(SingleLeader) >= 3
    assert after_power_cut(broken.FollowsUnforced) < 3


@pytest.mark.parametrize(("node", "left"), [(SingleLeader, 1), (broken.LeadsUnforced, None)])
def test_what_was_answered_is_on_the_disk_of_the_leader(node, left):
    with Cluster(node, nodes=3, seed=1) as cluster:
        cluster.client("n1").put("x", 1)
        cluster.crash("n1", kind="power")
        cluster.restart("n1")
        assert cluster.client("n1").get("x") == left


def test_who_reaches_the_leader_is_served_and_a_majority_without_it_is_not():
    with Cluster(SingleLeader, nodes=5, seed=1) as cluster:
        cluster.client("n4").put("x", 1)
        cluster.partition("n1 n2", "n3 n4 n5")
        assert cluster.client("n1").get("x") == cluster.client("n2").get("x") == 1
        with pytest.raises(Refused, match="n3 does not reach the leader, n1"):
            cluster.client("n3").get("x")
        for name in ("n2", "n3"):  # it reaches the leader, which reaches no majority; it does not reach the leader
            with pytest.raises(RpcError):
                cluster.client(name).put("x", 2)
        cluster.heal()
        assert cluster.client("n3").get("x") == 2  # nobody knew, and it was done: once
        assert linearizability(cluster.history).status == "ok"


def test_its_price_is_what_it_says():
    for nodes in (3, 5):
        with Cluster(SingleLeader, nodes=nodes, seed=1) as cluster:
            leader, other = cluster.client("n1"), cluster.client("n2")
            leader.put("x", 1)
            cluster.run(50)
            assert (cluster.ledger.messages, cluster.ledger.forced_writes) == (2 + 2 * (nodes - 1), nodes)
            leader.get("x")
            other.get("x")
            other.put("x", 2)
            assert [c.operations[i].delays for c, i in ((leader, 0), (leader, 1), (other, 0), (other, 1))] == [
                2 + 2, 2, 2 + 2, 2 + 4]
