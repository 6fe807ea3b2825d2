"""A line that a search prints makes the same run again, and says what is wrong when it cannot."""

import random
from functools import partial

import pytest
from planted import Hasty, QuorumRegister, anything, atomic, commits

import splitbrain.faults as f
from splitbrain import (
    Cluster,
    Experiment,
    Misuse,
    at,
    cut,
    exponential,
    heal,
    isolate,
    mixture,
    pareto,
    partition,
    register,
    uniform,
)
from splitbrain.checkers import staleness
from splitbrain.explore import replay, replay_line
from splitbrain.explore.spelling import op, read_experiment
from splitbrain.explore.trial import by_verdict
from splitbrain.records import Verdict
from splitbrain.workloads import Planned, Workload

EVERY_FAULT = [
    at(5, partition("n1 n2", "n3")), at(30, heal()), at(31, cut("n1", "n2", one_way=True)), at(40, heal("n1", "n2")),
    at(41, isolate("n2")), at(60.125, heal()), at(70, f.crash("n1", kind="power")), at(80, f.restart("n1")),
    at(81, f.crash_at("n2", 90, kind="power", restart=12.5)), at(90, f.pause("n3")), at(99, f.resume("n3")),
    at(100, f.slow("n1", 3)), at(110, f.skew("n1", 7, rate=1.5)), at(120, f.loss(0.1)), at(120, f.duplicate(0.2, "n1")),
    at(130, f.reorder(0.5, 9, "n1", "n2")), at(140, f.latency(mixture((0.5, pareto(1, 1.5)), (0.5, exponential(2))))),
    at(0, f.drop("c1#0", "n1", "n2", nth=1)), at(0, f.delay("c2#0", "c2", "n2", 4.5))]


def run_line(line, **names):
    return eval(line, {"replay": replay, **names})  # as a learner does who pastes it into a cell


def same(experiment, line, **names):
    """Whether the line gives the same journal as the experiment, and is the line of what it gives."""
    again = run_line(line, **names)
    assert again.line == line
    return again.journal.to_bytes() == experiment.run().journal.to_bytes()


def test_every_fault_and_option_comes_back():
    with Cluster(QuorumRegister, nodes=3, seed=5, latency=uniform(1, 9), timeout=250, in_order=True,
                 links=[("n1", "n2"), ("n2", "n3")]) as cluster:
        experiment = Experiment(cluster, register(ops=12, seed=2), faults=EVERY_FAULT, until=400)
        line = replay_line(experiment)
        assert "\n" not in line and line.startswith('replay("node=\'planted:QuorumRegister\', nodes=3, seed=5')
        assert same(experiment, line)


def test_the_usual_is_not_said():
    with Cluster(Hasty, nodes=1) as cluster:
        asked = Workload("w", (Planned(2.0, "c1", 0, "get", "x"),), "linearizability")
        assert replay_line(Experiment(cluster, asked)) == (
            "replay(\"node='planted:Hasty', nodes=1, ask=[op(2, 'c1', 'get', 'x')], check='linearizability'\")")


def test_named_nodes_of_several_classes():
    with Cluster(nodes={"left": Hasty, "right": QuorumRegister}, latency=uniform(1, 2)) as cluster:
        experiment = Experiment(cluster, register(ops=4))
        assert same(experiment, replay_line(experiment))


def test_what_only_a_notebook_knows_is_given_by_name():
    class Mine(QuorumRegister):
        pass

    def mine(history):
        return anything(history)

    with Cluster(Mine, nodes=2) as cluster:
        experiment = Experiment(cluster, Workload("w", register(ops=3).operations, mine))
        line = replay_line(experiment)
        assert line.startswith('replay(Mine, "nodes=2, ask=') and line.endswith(", check=mine)")
        assert same(experiment, line, Mine=Mine, mine=mine)
        assert run_line(line, Mine=Mine, mine=mine).verdict == anything(())
    with Cluster(nodes={"a": Mine, "b": Hasty}) as cluster:
        line = replay_line(Experiment(cluster, commits()))
        assert line.startswith("replay({'a': Mine, 'b': Hasty}, ")
        assert run_line(line, Mine=Mine, Hasty=Hasty).run.cluster.names == ["a", "b"]


@pytest.mark.parametrize("check", ["fifo-queue", "bank(total=30)", "sequential-consistency(model='kv')",
                                   "bank(accounts={'n:1': 2})"])
def test_a_checker_is_named_with_its_options(check):
    with Cluster(Hasty, nodes=1) as cluster:
        experiment = Experiment(cluster, Workload("w", (), check))
        line = replay_line(experiment)
        assert run_line(line).line == line and run_line(line).run.experiment.workload.check == check
        assert run_line(line).verdict == experiment.run().verdict


@pytest.mark.parametrize("check", [partial(staleness, ms=5), lambda history: anything(history)])
def test_a_checker_without_a_name_is_given_by_hand(check):
    with Cluster(Hasty, nodes=1) as cluster:
        line = replay_line(Experiment(cluster, register(ops=2, check=check)))
        assert line.endswith(", check=check)")
        assert run_line(line, check=check).verdict.status == "ok"


def test_values_with_quotes_and_line_ends():
    asked = (op(0, "c1", "put", "x", 'say "hello"\n\\'), op(50, "c1", "get", "x"),
             op(99, "c1", "put", "y", [1, (2, None)]))
    with Cluster(QuorumRegister, nodes=1) as cluster:
        experiment = Experiment(cluster, Workload("w", asked, anything))
        assert same(experiment, replay_line(experiment))


def test_random_experiments_come_back():
    draw = random.Random(3)
    for seed in range(12):
        with Cluster(QuorumRegister, nodes=draw.choice([1, 3]), seed=seed) as cluster:
            experiment = Experiment(cluster, register(ops=draw.randint(0, 9), seed=seed),
                                    faults=draw.sample(EVERY_FAULT[5:], 4))
            assert same(experiment, replay_line(experiment))


def test_it_shows_its_picture_and_its_verdict():
    again = replay(Hasty, "nodes=1, ask=[op(0, 'c1', 'put', 'x', 1)], check='linearizability'")
    assert repr(again) == f"{again.verdict}\nc1: put(x, 1) -> None"
    assert "<img" in again._repr_html_() and "ok:" in again._repr_html_()
    assert again.history == again.run.history


@pytest.mark.parametrize(("arguments", "says"), [
    (("nodes=1, check='linearizability'",), "names no class"),
    (("node='planted:Hasty', nodes=1",), "names no checker"),
    (("node='planted:Nobody', check='linearizability'",), "no Nobody in planted"),
    (("node='nowhere:Nobody', check='linearizability'",), "no Nobody in nowhere"),
    (("nodes=1, ask=[__import__('os').getcwd()]",), "means nothing here"),
    (("nodes=1, faults=[at(0, exec('1'))]",), "means nothing here"),
    (("nodes=1, **{}",), "no line that a search has printed"),
    (("1",), "no line that a search has printed"),
    (("nodes=",), "no line that a search has printed"),
    (("a", "b"), "one text"),
    ((Hasty,), "needs the line"),
    ((Hasty, "nodez=1, check='linearizability'"), "nodez"),
])
def test_wrong_lines_have_a_sentence(arguments, says):
    with pytest.raises(Misuse, match=says):
        replay(*arguments)


def test_what_cannot_be_spelled_is_told_when_it_is_printed():
    with Cluster(QuorumRegister, nodes=1) as cluster, pytest.raises(Misuse, match="no line that repeats it"):
        replay_line(Experiment(cluster, Workload("w", (op(0, "c1", "put", "x", object()),), anything)))


def test_an_experiment_read_is_on_a_fresh_cluster_with_a_journal():
    experiment, judge = read_experiment("nodes=2, seed=4, check='linearizability'", Hasty)
    assert judge is by_verdict
    with experiment.cluster as cluster:
        assert (cluster.arguments["journal"], cluster.seed, cluster.names) == (True, 4, ["n1", "n2"])


def test_who_judged_the_run_is_in_the_line():
    def even(run):
        return Verdict("violated", "even") if len(run.history) % 2 == 0 else "odd"

    with Cluster(QuorumRegister, nodes=2) as cluster:
        experiment = Experiment(cluster, commits(1, 2))
        line = replay_line(experiment, even)
        assert line.endswith(", judge=even)")
        two = run_line(line, even=even)
        assert str(two.verdict) == "violated: even" and two.run.verdict is two.verdict
        assert repr(two).startswith("violated: even")
        one = run_line(replay_line(Experiment(cluster, commits(1)), even), even=even)
        assert str(one.verdict).startswith("ok: odd (")
        named = replay_line(experiment, atomic)
        assert ", judge='planted:atomic'" in named and run_line(named).verdict == atomic(run_line(named).run)
        assert replay_line(experiment, lambda run: "x").endswith(", judge=judge)")
