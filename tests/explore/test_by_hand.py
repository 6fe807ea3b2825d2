"""What was done by hand comes back from one line, to the byte, wherever the run was stopped."""

import random
from contextlib import suppress

import pytest
from planted import Hasty, QuorumRegister
from test_replay import run_line

from splitbrain import Cluster, Experiment, Misuse, RpcError, RpcTimeout, at, constant, heal, isolate, register, uniform
from splitbrain.errors import Refused
from splitbrain.explore import by_hand, hand_line


def meddle(cluster, draw, acts=25):
    """Whatever a learner may do, at random: steps and stops in the middle of a moment too."""
    names = cluster.names
    for number in range(acts):
        a, b = draw.sample(names, 2)
        deed = draw.choice([
            cluster.step, cluster.step, lambda: cluster.run(draw.choice([1, 2, 3.5])),
            lambda a=a, b=b: cluster.cut(a, b, one_way=draw.random() < 0.5), cluster.heal,
            lambda a=a: cluster.partition(a), lambda a=a: cluster.crash(a, kind=draw.choice(["process", "power"])),
            lambda a=a: cluster.restart(a), lambda a=a: cluster.pause(a), lambda a=a: cluster.resume(a),
            lambda a=a: cluster.slow(a, 2), lambda a=a, n=number: cluster.client(a).start("put", "x", n),
            lambda a=a, n=number: cluster.client(a).put("x", n), lambda a=a: cluster.client(a, f"other-{a}").get("x"),
            lambda: _single(cluster, draw)])
        with suppress(Misuse, Refused, RpcError, RpcTimeout):
            deed()


def _single(cluster, draw):
    flying = [m for m, _, _ in cluster.in_flight()]
    if flying:
        m = draw.choice(flying)
        nth = draw.choice([0, 0, 1])
        getattr(cluster, draw.choice(["drop", "deliver", "repeat"]))(m.operation, m.source, m.target, nth=nth)


@pytest.mark.parametrize("latency", [constant(2), uniform(1, 5)], ids=repr)
@pytest.mark.parametrize("node", [Hasty, QuorumRegister])
@pytest.mark.parametrize("seed", range(6))
def test_whatever_was_done_by_hand_is_one_line(node, latency, seed):
    with Cluster(node, nodes=3, seed=seed, latency=latency, timeout=40) as cluster:
        meddle(cluster, random.Random(seed))
        line = hand_line(cluster)
        assert "\n" not in line
        again = run_line(line)
        assert again.journal.to_bytes() == cluster.journal.to_bytes()
        assert again.run.cluster.now == cluster.now
        assert [str(o) for o in again.history] == [str(o) for o in cluster.history]
        assert again.line == line


def test_a_run_of_an_experiment_can_be_driven_further():
    with Cluster(QuorumRegister, nodes=3, seed=5) as cluster:
        run = Experiment(cluster, register(ops=6, seed=2), faults=[at(20, isolate("n1")), at(90, heal())]).run()
        run.cluster.client("n2").put("x", 99)
        run.cluster.step()
        run.cluster.crash("n3")
        line = hand_line(run.cluster)
        again = run_line(line)
        assert again.journal.to_bytes() == run.cluster.journal.to_bytes()
        assert "at(20, isolate('n1'))" in line and "after=" in line
        assert len(by_hand(run.cluster).faults) == 3


def test_a_reset_begins_a_new_story():
    with Cluster(Hasty, nodes=2) as cluster:
        cluster.client("n1").put("x", 1)
        cluster.reset()
        cluster.crash("n2")
        assert "put" not in hand_line(cluster) and "crash" in hand_line(cluster)


def test_what_no_line_can_say_is_refused():
    with Cluster(Hasty, nodes=2) as cluster:
        cluster.client("n1").put("x", None)
        with pytest.raises(Misuse, match="other arguments than a key and a value"):
            hand_line(cluster)
    with Cluster(Hasty, nodes=2) as cluster:
        cluster["n1"].role = "chief"
        with pytest.raises(Misuse, match="not all that was done to it"):
            hand_line(cluster)


def test_cut_down_it_still_runs():
    """A search takes faults and operations away: what is left goes on in order, and time never runs backwards."""
    with Cluster(Hasty, nodes=3, seed=1, latency=constant(2), timeout=40) as cluster:
        meddle(cluster, random.Random(3), acts=40)
        whole = by_hand(cluster)
    for kept in range(len(whole.faults)):
        shorter = Experiment(whole.cluster, whole.workload.without(0, 2), whole.faults[:kept], whole.until, whole.after)
        times = [e.time for e in shorter.run().journal]
        assert times == sorted(times)
