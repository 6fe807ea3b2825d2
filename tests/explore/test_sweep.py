"""Every crash point is tried, the outcome counted, and each cell can be run again from one line."""

import os
import traceback
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from itertools import combinations

import pytest
from planted import LostVote, TwoPhaseCommit, Unforced, anything, atomic, commits

from splitbrain import Cluster, Experiment, Misuse, Node, at, isolate, rpc
from splitbrain.explore import replay, sweep
from splitbrain.explore.campaign import Campaign, WorkerLost
from splitbrain.explore.spelling import op
from splitbrain.faults import crash_at
from splitbrain.workloads import Workload


@pytest.fixture
def prepare():
    made = []

    def experiment(kind, *values, nodes=3, faults=(), workload=None):
        made.append(Cluster(kind, nodes=nodes, seed=1))
        return Experiment(made[-1], workload or commits(*values or (1,)), faults=faults)

    yield experiment
    for cluster in made:
        cluster.close()


def told(found):
    return [str(case) for case in found.cases]


def points(experiment):
    cluster = experiment.run().cluster
    return {name: cluster.network.endpoints[name].points for name in cluster.names}


def test_every_point_of_every_node_is_tried_once(prepare):
    experiment = prepare(TwoPhaseCommit)
    found = sweep(experiment, judge=atomic)
    passed = points(experiment)
    assert found.cases[0].crashes == () and found.cases[0].outcome == "ok"
    expected = {crash_at(node, point, kind=kind, restart=ms) for node, count in passed.items()
                for point in range(1, count + 1) for kind in ("process", "power") for ms in (None, 50.0)}
    assert {case.crashes[0] for case in found.cases[1:]} == expected
    assert len(found.cases) == 1 + len(expected) == sum(found.counts.values())


def test_right_two_phase_commit_is_atomic_wherever_one_node_dies_and_blocks_where_it_must(prepare):
    found = sweep(prepare(TwoPhaseCommit), judge=atomic, bad=("violated", "raised"))
    assert found.failures == () and found.verdict.status == "ok"
    assert set(found.counts) == {"ok", "in doubt"}
    assert found.worst.outcome == "in doubt"
    for case in found.cases:  # whoever is in doubt waits for the coordinator
        assert case.outcome == "ok" or case.crashes[0].args[0] == "n1" and case.crashes[0] == crash_at(
            "n1", case.crashes[0].args[1], **dict(kind=dict(case.crashes[0].options).get("kind", "process")))


def test_a_lost_vote_is_found_whatever_kind_of_crash(prepare):
    found = sweep(prepare(LostVote), judge=atomic)
    assert found.verdict.status == "violated"
    assert {dict(case.crashes[0].options).get("kind") for case in found.failures} == {None, "power"}
    assert {case.crashes[0].args[0] for case in found.failures} == {"n2", "n3"}


def test_a_vote_that_was_not_forced_is_lost_with_the_power_only(prepare):
    found = sweep(prepare(Unforced), judge=atomic)
    assert found.failures
    assert {dict(case.crashes[0].options)["kind"] for case in found.failures} == {"power"}
    assert {case.outcome for case in sweep(prepare(Unforced), judge=atomic, kinds=("process",)).cases} == {
        "ok", "in doubt"}


def test_every_case_is_one_line_that_makes_it_again(prepare):
    experiment = prepare(LostVote, -1, 1)
    found = sweep(experiment, judge=atomic, kinds=("process",), restart=(50,))
    assert len({case.replay for case in found.cases}) == len(found.cases)
    for case in found.cases[::9] + found.failures[:1]:
        again = eval(case.replay, {"replay": replay})
        verdict = atomic(again.run)
        assert case.outcome == (verdict if isinstance(verdict, str) else verdict.status)
        assert case.outcome in str(again.verdict) and "judge='planted:atomic'" in case.replay
        assert again.journal.to_bytes() == case.experiment.run().journal.to_bytes()
    assert found.worst.replay in str(found)
    assert [str(e) for e in again.journal.of("crash", "restart")]


def test_pairs_are_every_two_crashes_with_the_second_of_one_that_came_back(prepare):
    experiment = prepare(TwoPhaseCommit, nodes=2)
    one = {"kinds": ("process",), "restart": (20.0,)}
    singles = [case.crashes[0] for case in sweep(experiment, judge=atomic, **one).cases[1:]]
    found = sweep(experiment, judge=atomic, pairs=True, **one)
    pairs = [frozenset(case.crashes) for case in found.cases if len(case.crashes) == 2]
    assert len(pairs) == len(set(pairs))
    expected = {frozenset(two) for two in combinations(singles, 2) if two[0].args[0] != two[1].args[0]}
    reached = {p for p in expected if p in pairs}
    assert len(reached) > 0.6 * len(expected)  # the rest lies behind a crash that comes before it
    for first, second in (two for two in expected - reached for two in [sorted(two, key=repr)]):
        for here, there in ((first, second), (second, first)):
            case = next(c for c in found.cases if c.crashes == (here,))
            assert there.args[1] > points(case.experiment)[there.args[0]]
    again = [case for case in found.cases if len({crash.args[0] for crash in case.crashes}) < len(case.crashes)]
    assert again
    journal = again[-1].experiment.run().journal
    assert len(journal.of("crash")) == 2 and len(journal.of("restart")) == 2
    assert found.failures == ()


def test_no_two_crashes_that_can_come_together_are_left_out(prepare):
    experiment = prepare(TwoPhaseCommit, nodes=2)
    found = sweep(experiment, judge=atomic, pairs=True, kinds=("process",), restart=(20.0,))
    tried = {frozenset(case.crashes) for case in found.cases}
    last = {name: max(points(case.experiment)[name] for case in found.cases[:40]) for name in ("n1", "n2")}
    every = [crash_at(name, point, restart=20.0) for name in last for point in range(1, last[name] + 3)]
    both = 0
    for two in combinations(every, 2):
        cluster = replace(experiment, faults=[at(0, crash) for crash in two]).played(journal=False)
        if all(cluster.network.endpoints[name].crash_at < 0 for name in cluster.names):  # none is left to come
            both += 1
            assert frozenset(two) in tried, two
        cluster.close(keep=False)
    assert both > 100


def test_without_a_restart_nobody_dies_twice(prepare):
    found = sweep(prepare(TwoPhaseCommit, nodes=2), judge=atomic, pairs=True, kinds=("process",), restart=(None,))
    assert all(len({crash.args[0] for crash in case.crashes}) == len(case.crashes) for case in found.cases)


@pytest.mark.parametrize("pool", [ProcessPoolExecutor, ThreadPoolExecutor])
def test_workers_change_nothing(prepare, pool):
    class OfANotebook(LostVote):
        pass

    experiment = prepare(OfANotebook)
    here = sweep(experiment, judge=lambda run: atomic(run), kinds=("process",))
    with pool(2) as executor:
        there = sweep(experiment, judge=lambda run: atomic(run), kinds=("process",), executor=executor)
    assert told(there) == told(here) and there.failures


def test_a_dask_client_is_an_executor(prepare, tmp_path):
    from distributed import Client  # two seconds

    with Client(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None,
                local_directory=tmp_path) as client:
        experiment = prepare(LostVote)
        there = sweep(experiment, judge=atomic, kinds=("process",), executor=client.get_executor())
    assert told(there) == told(sweep(experiment, judge=atomic, kinds=("process",)))


def among(run, *names):
    return any(fault.fault.args[0] in names for fault in run.experiment.faults)


@pytest.mark.parametrize("failing", [False, True])
def test_when_a_worker_dies_what_was_tried_is_kept(prepare, failing):
    here = os.getpid()

    def deadly(run):
        if among(run, "n3") and os.getpid() != here:
            os._exit(1)
        return "violated" if failing and among(run, "n1") else "ok"

    with ProcessPoolExecutor(1) as executor:
        found = sweep(prepare(TwoPhaseCommit), judge=deadly, executor=executor)
    tried = {case.crashes[0].args[0] for case in found.cases[1:]}
    assert tried and "n3" not in tried
    if failing:
        assert found.verdict.status == "violated"
    else:
        assert found.verdict.status == "unknown" and found.verdict.explanation.startswith("a worker died")
    with pytest.raises(BrokenExecutor):
        executor.submit(print)


def test_what_was_done_before_the_executor_broke_is_given_though_more_was_to_be_submitted():
    class Breaks(Executor):
        left = 3

        def submit(self, function, *args):
            if not self.left:
                raise BrokenExecutor("gone")
            self.left -= 1
            future = Future()
            future.set_result(function(*args))
            return future

    results = Campaign(lambda: lambda job: job, (), Breaks()).results(range(100))
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(WorkerLost, match="a worker died"):
        next(results)


def test_who_has_seen_enough_cancels_what_has_not_begun():
    class Slow(Executor):
        futures = []

        def submit(self, function, *args):
            self.futures.append(Future())
            if len(self.futures) == 1:
                self.futures[0].set_result(function(*args))
            return self.futures[-1]

    results = Campaign(lambda: lambda job: job, (), Slow()).results(range(100))
    assert next(results) == 0
    results.close()
    assert len(Slow.futures) > 1 and all(future.cancelled() for future in Slow.futures[1:])


def test_what_a_judge_raises_is_raised_and_says_for_which_run(prepare):
    class OfANotebookToo(Exception):
        pass

    def careless(run):
        if among(run, "n2"):
            raise OfANotebookToo("n2 is down")
        return "ok"

    experiment = prepare(TwoPhaseCommit)
    with ProcessPoolExecutor(1) as pool:
        for executor in (None, pool):
            with pytest.raises(Exception, match="n2 is down") as raised:
                sweep(experiment, judge=careless, executor=executor)
            assert "faults=[at(0, crash_at('n2', 1))]" in "".join(traceback.format_exception(raised.value))
        assert pool.submit(abs, -1).result() == 1


def test_what_a_checker_raises_is_no_error_of_node_code(prepare):
    def check(history):
        raise ZeroDivisionError("a mistake in the checker")

    workload = Workload("w", commits(1).operations, check)
    with pytest.raises(ZeroDivisionError, match="a mistake in the checker"):
        sweep(prepare(TwoPhaseCommit, workload=workload))


@pytest.mark.parametrize("asks", [
    lambda run: ", ".join(map(str, run.journal.of("crash", "restart", "commit"))),
    lambda run: str(run.windows()),
    lambda run: str({name: run.cluster.values(name) for name in run.cluster.names}),
], ids=["journal", "windows", "values of who has crashed"])
def test_a_judge_sees_all_that_a_replay_shows(prepare, asks):
    found = sweep(prepare(TwoPhaseCommit, nodes=2), judge=asks)
    assert len(found.counts) > 4
    for case in found.cases:
        assert case.outcome == asks(case.experiment.run())


def test_a_journal_is_kept_only_for_a_judge_that_looks_at_it(prepare, monkeypatch):
    kept = []
    fresh = Cluster.fresh
    monkeypatch.setattr(Cluster, "fresh", lambda self, **changes: kept.append(changes["journal"]) or fresh(
        self, **changes))
    blind = sweep(prepare(TwoPhaseCommit, nodes=2), judge=lambda run: "ok")
    assert kept == [False] * len(blind.cases)
    kept.clear()
    sweep(prepare(TwoPhaseCommit, nodes=2), judge=lambda run: str(len(run.journal) > 0))
    assert kept == [False] + [True] * len(blind.cases)


def test_faults_of_the_experiment_happen_each_time(prepare):
    alone = prepare(TwoPhaseCommit, faults=[at(0, isolate("n3"))])
    found = sweep(alone, judge=atomic)
    assert all("isolate('n3')" in case.replay for case in found.cases)
    assert len(found.cases) < len(sweep(prepare(TwoPhaseCommit), judge=atomic).cases)


def test_interrupted_it_holds_what_was_tried(prepare):
    calls = []

    def impatient(run):
        calls.append(run)
        if len(calls) == 60:
            raise KeyboardInterrupt
        return "ok"

    found = sweep(prepare(TwoPhaseCommit), judge=impatient)
    assert 25 <= len(found.cases) <= 60
    assert found.verdict.status == "unknown" and "interrupted" in found.verdict.explanation


def test_interrupted_after_a_failure_the_failure_stays(prepare):
    calls = []

    def impatient(run):
        calls.append(run)
        if len(calls) == 60:
            raise KeyboardInterrupt
        return "violated" if len(calls) > 1 else "ok"

    assert sweep(prepare(TwoPhaseCommit), judge=impatient).verdict.status == "violated"


def test_interrupted_with_an_executor_it_holds_what_was_tried_and_what_had_not_begun_is_cancelled(prepare):
    here = os.getpid()

    def impatient(run):
        if among(run, "n2") and os.getpid() != here:
            raise KeyboardInterrupt  # as in every process of a terminal
        return "ok"

    with ProcessPoolExecutor(1) as executor:
        found = sweep(prepare(TwoPhaseCommit), judge=impatient, executor=executor)
        assert executor.submit(abs, -1).result() == 1
    assert found.verdict.status == "unknown" and found.verdict.explanation.startswith("interrupted after")
    assert {case.crashes[0].args[0] for case in found.cases[1:]} == {"n1"}


def test_a_limit_leaves_the_verdict_open(prepare):
    experiment = prepare(TwoPhaseCommit)
    every = len(sweep(experiment, judge=atomic).cases)
    assert sweep(experiment, judge=atomic, limit=every).verdict.status == "ok"
    short = sweep(experiment, judge=atomic, limit=every - 1)
    assert len(short.cases) == every - 1 and short.verdict.status == "unknown"


def test_words_of_a_judge_are_outcomes_and_some_must_not_be(prepare):
    def alive(run):
        return "all up" if all(run.cluster.state(n) == "up" for n in run.cluster.names) else "one down"

    found = sweep(prepare(TwoPhaseCommit), judge=alive, kinds=("process",))
    assert set(found.counts) == {"all up", "one down"} and found.verdict.status == "ok"
    assert found.worst.outcome == "one down"
    strict = sweep(prepare(TwoPhaseCommit), judge=alive, kinds=("process",), bad=("one down",))
    assert strict.verdict.status == "violated" and len(strict.failures) == strict.counts["one down"]


def test_a_node_that_cannot_start_again_has_raised(prepare):
    class Fragile(Node):
        def setup(self):
            self.db.execute("CREATE TABLE once (v)")

        async def start(self):
            if self.db.execute("SELECT count(*) FROM once").fetchone()[0]:
                raise ValueError("I have been here before")

        @rpc
        async def put(self, key):
            self.db.execute("INSERT INTO once VALUES (1)")

    found = sweep(prepare(Fragile, nodes=1, workload=Workload("w", (op(0, "c1", "put", "x"),), anything)))
    assert found.counts["raised"] > 0 and found.verdict.status == "violated"
    assert "I have been here before" in found.worst.note


def test_the_heat_map_has_a_row_for_each_kind_of_crash_and_says_what_is_bad(prepare):
    found = sweep(prepare(LostVote), judge=atomic, restart=(None, 50))
    alt = found.heat_map().alt
    assert "12 rows (n1, n1, back after 50 ms, n1, power, " in alt
    assert "violated: n2, back after 50 ms, 2" in alt
    pairs = sweep(prepare(TwoPhaseCommit, nodes=2), judge=atomic, pairs=True, restart=(20,))
    table = pairs.heat_map("Two crashes").table
    assert {"n1 at 1", "n2 at 2"} < {row["first crash"] for row in table}


def test_wrong_arguments_are_named(prepare):
    with pytest.raises(Misuse, match="no node 'n9'; there are n1, n2, n3"):
        sweep(prepare(TwoPhaseCommit), nodes=["n9"])
    for nothing in ({"kinds": ()}, {"restart": ()}):
        with pytest.raises(Misuse, match="there is nothing to try"):
            sweep(prepare(TwoPhaseCommit), **nothing)
    with pytest.raises(ValueError, match="process"):
        sweep(prepare(TwoPhaseCommit), kinds=["fire"])
    with pytest.raises(Misuse, match="a judge answers"):
        sweep(prepare(TwoPhaseCommit), judge=lambda run: 3)
