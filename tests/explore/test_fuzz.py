"""What random runs find, how small it becomes, and that what is right is left in peace."""

import os
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace

import pytest
from planted import Hasty, LostVote, QuorumRegister, TwoPhaseCommit, Unforced, anything, atomic, commits

from splitbrain import Cluster, Experiment, Misuse, Node, at, constant, isolate, register, rpc
from splitbrain.explore import fuzz, replay
from splitbrain.explore.cut_down import cut_down
from splitbrain.explore.hunt import Hunt
from splitbrain.explore.schedules import KINDS, Alphabet, OnMessage, Schedule
from splitbrain.explore.spelling import op
from splitbrain.explore.trial import parts
from splitbrain.faults import FAULTS, crash, crash_at, restart
from splitbrain.workloads import Workload

# A put whose request arrives twice is a put that is done twice: no register promises anything then.
NOT_TWICE = tuple(kind for kind in KINDS if kind != "duplicate")
BUSY = register(clients=9, ops=40, reads=0.7)


@pytest.fixture
def prepare():
    made = []

    def experiment(kind, workload=BUSY, nodes=3, **options):
        made.append(Cluster(kind, nodes=nodes, **{name: options.pop(name) for name in ("latency", "links")
                                                  if name in options}))
        return Experiment(made[-1], workload, **options)

    yield experiment
    for cluster in made:
        cluster.close()


class Forgetful(Node):
    """Answers every get with nothing."""

    @rpc
    async def put(self, key, value):
        return None

    @rpc
    async def get(self, key):
        return None


def look(experiment, **options):
    return fuzz(experiment, faults=options.pop("faults", NOT_TWICE), progress=False, **options)


def small(found, *, nodes, operations, faults):
    """Whether it was cut down so far; and the line makes the same run again, which still fails, and is drawn."""
    failure = found.failure
    ends = sum(one.fault.name in ("heal", "restart", "resume") or 0 in one.fault.args for one in failure.faults)
    assert len(failure.cluster.names) <= nodes, found
    assert len(failure.workload.operations) <= operations, found
    assert len(failure.faults) - ends <= faults, found
    again = eval(found.replay, {"replay": replay})
    assert again.journal.to_bytes() == failure.run().journal.to_bytes()
    assert "<img" in found._repr_html_()
    return again


@pytest.mark.parametrize("seed", [
    0, *[pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 10)]])
def test_reads_that_do_not_write_back_are_found_and_cut_down(prepare, seed):
    found = look(prepare(Hasty, nodes=5), seed=seed, runs=10_000)
    again = small(found, nodes=3, operations=4, faults=1)
    assert again.verdict.status == "violated" and found.verdict.status == "violated"
    assert again.verdict.explanation in found.verdict.explanation
    assert found.replay in repr(found)


@pytest.mark.parametrize("seed", range(10))
def test_a_lost_vote_is_found_and_cut_down(prepare, seed):
    found = look(prepare(LostVote, commits(1, 2, -1, 4), nodes=4), seed=seed, judge=atomic)
    again = small(found, nodes=3, operations=1, faults=1)
    assert again.verdict == atomic(again.run) and again.verdict.status == "violated"
    assert "judge='planted:atomic'" in found.replay


def test_what_was_not_forced_is_found_with_the_power_cut_that_takes_it(prepare):
    found = look(prepare(Unforced, commits(1, 2, -1, 4), nodes=4), judge=atomic, runs=5_000, seed=2)
    small(found, nodes=2, operations=1, faults=1)
    assert "power" in found.replay and found.outcome == "violated"


@pytest.mark.parametrize(("kind", "workload", "judge", "runs"), [
    (QuorumRegister, BUSY, None, 150), (TwoPhaseCommit, commits(1, 2, -1, 4), atomic, 250),
    pytest.param(QuorumRegister, BUSY, None, 20_000, marks=pytest.mark.long),
    pytest.param(TwoPhaseCommit, commits(1, 2, -1, 4), atomic, 20_000, marks=pytest.mark.long)])
def test_what_is_right_is_left_in_peace(prepare, kind, workload, judge, runs):
    options = {"judge": judge, "faults": KINDS} if judge else {}
    with ProcessPoolExecutor(2) as executor:
        found = look(prepare(kind, workload, nodes=5), runs=runs, executor=executor, **options)
    assert found.failure is None, found
    assert found.runs == runs == sum(found.counts.values())
    assert found.verdict.status == "ok" and found.replay == ""


@pytest.mark.parametrize("pool", [ProcessPoolExecutor, ThreadPoolExecutor])
def test_workers_change_nothing(prepare, pool):
    class OfANotebook(LostVote):
        pass

    experiment = prepare(OfANotebook, commits(1, 2, -1, 4))
    here = look(experiment, judge=lambda run: atomic(run), seed=3)
    with pool(2) as executor:
        there = look(experiment, judge=lambda run: atomic(run), seed=3, executor=executor)
    assert ", judge=judge)" in repr(here)
    assert repr(there) == repr(here) and there.counts == here.counts and here.failure is not None


def test_a_dask_client_is_an_executor(prepare):
    distributed = pytest.importorskip("distributed")
    with distributed.Client(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None) as client:
        there = look(prepare(LostVote, commits(1, -1)), judge=atomic, executor=client.get_executor())
    assert repr(there) == repr(look(prepare(LostVote, commits(1, -1)), judge=atomic))


def test_the_same_seed_makes_the_same_runs_and_another_makes_others(prepare):
    def schedules(seed):
        seen = []

        def watch(run):
            if run.experiment.workload.operations:
                seen.append((run.cluster.names, run.experiment.workload.operations, repr(run.experiment.faults)))
            return "ok"

        look(prepare(QuorumRegister), judge=watch, runs=40, seed=seed)
        return seen

    assert schedules(1) == schedules(1)
    assert not set(map(repr, schedules(1))) & set(map(repr, schedules(2)))


def test_every_fault_and_every_size_is_drawn():
    alphabet = Alphabet(BUSY, ("n1", "n2", "n3", "n4"), KINDS)
    seen, sizes = Counter(), Counter()
    for seed in range(2_000):
        schedule = alphabet.draw(2 + seed % 3, seed)
        sizes[len(schedule.operations)] += 1
        seen.update(one.fault.name for one in schedule.spelled())
        assert all(0 <= o.at <= alphabet.span for o in schedule.operations)
        assert len(schedule.groups) <= alphabet.most_faults
        for one in schedule.spelled():
            assert eval(repr(one.fault), dict(FAULTS)) == one.fault
    assert {*KINDS, "heal", "restart", "resume"} == set(seen) and min(seen.values()) > 20
    assert set(sizes) == set(range(alphabet.most_operations + 1)) and min(sizes.values()) > 60
    assert not any(schedule.groups for schedule in map(Alphabet(BUSY, ("n1",)).draw, [1] * 30, range(30)))
    alone = [Alphabet(BUSY, ("n1",), KINDS).draw(1, seed) for seed in range(300)]
    assert not {"partition", "isolate", "cut"} & {one.fault.name for each in alone for one in each.spelled()}


def test_the_fault_of_a_message_knows_its_operation_whatever_is_taken_away():
    first, second, other = op(0, "c1", "put", "x", 1), op(5, "c1", "get", "x"), op(2, "c2", "get", "x")
    fault = OnMessage(second, "n1", "n2", 0)
    every = Schedule(2, (first, other, second), (fault,))
    assert repr(every.spelled()) == "(at(0, drop('c1#1', 'n1', 'n2')),)"
    assert repr(Schedule(2, (second,), (fault,)).spelled()) == "(at(0, drop('c1#0', 'n1', 'n2')),)"
    assert Schedule(2, (first, other), (fault,)).spelled() == ()
    earlier = every.moved({second: replace(second, at=0.0, salt=9), other: replace(other, at=9.0)})
    assert [o.f for o in earlier.operations] == ["put", "get", "get"] and earlier.operations[-1].process == "c2"
    assert repr(earlier.spelled()) == "(at(0, drop('c1#1', 'n1', 'n2')),)"


def drawn(**options):
    return Alphabet(register(ops=40), ("n1", "n2", "n3", "n4", "n5"), KINDS, **options).draw(5, 11)


def test_cutting_down_finds_what_matters_and_nothing_else():
    schedule = next(s for s in (Alphabet(BUSY, ("n1", "n2", "n3", "n4", "n5"), KINDS).draw(5, seed)
                                for seed in range(200)) if len(s.operations) > 9 and len(s.faults) == 2)
    two = schedule.operations[3], schedule.operations[7]
    asked = []

    def fails(simpler):
        asked.append(simpler)
        kept = [(o.process, o.value) for o in simpler.operations]
        return simpler.nodes >= 4 and all((o.process, o.value) in kept for o in two)

    smallest = cut_down(schedule, fails, sizes=(2, 3, 4, 5))
    assert (smallest.nodes, len(smallest.operations), smallest.faults) == (4, 2, ())
    assert [(o.at, o.salt) for o in smallest.operations] == [(0.0, 0), (0.0, 0)]
    assert len(asked) == len(set(asked)) < 200


def test_most_of_many_operations_is_taken_away_in_a_few_runs():
    schedule, asked = drawn(most_operations=60), []
    two = {(o.process, o.value) for o in (schedule.operations[3], schedule.operations[-4])}

    def fails(simpler):
        asked.append(simpler)
        return two <= {(o.process, o.value) for o in simpler.operations}

    smallest = cut_down(schedule, fails, sizes=(5,))
    assert len(schedule.operations) > 20 and len(smallest.operations) == 2
    assert sum(len(one.operations) for one in asked) < 200  # asked one by one it is above 900


def test_what_comes_last_stays_and_nothing_is_asked_twice():
    schedule = drawn()
    final = schedule.operations[-2:]
    smallest = cut_down(schedule, lambda simpler: True, sizes=(5,), final=2)
    assert smallest.operations == final and smallest.faults == ()


def test_cutting_down_ends_at_a_limit_and_when_interrupted():
    calls = []

    def endless(simpler):
        calls.append(simpler)
        if len(calls) == 15:
            raise KeyboardInterrupt
        return len(simpler.operations) > 2

    schedule = drawn(most_operations=16)
    assert len(cut_down(schedule, endless, sizes=(5,)).operations) <= len(schedule.operations)
    assert len(calls) == 15


def test_final_operations_are_in_every_run_at_their_time(prepare):
    asked = (op(0, "c1", "put", "x", 1), op(10, "c1", "put", "x", 2), op(900, "c2", "get", "x", node=1))
    seen = set()

    def watch(run):
        assert run.experiment.workload.operations[-1] == asked[-1]
        seen.add(len(run.experiment.workload.operations))
        return "ok"

    look(prepare(QuorumRegister, Workload("w", asked, anything, 1)), judge=watch, runs=60)
    assert seen == {1, 2, 3}


def test_the_experiments_own_faults_latency_and_end_stay(prepare):
    seen = []

    def watch(run):
        seen.append((run.experiment.faults[0], run.cluster.arguments["latency"], run.cluster.now))
        return "ok"

    own = at(7, isolate("n1"))
    look(prepare(QuorumRegister, latency=constant(3), faults=[own], until=50.0), judge=watch, runs=5)
    assert set(seen) == {(own, constant(3), 50.0)}


def test_nodes_with_links_names_or_classes_of_their_own_are_not_fewer(prepare):
    def sizes(run):
        return str(len(run.cluster.names))

    assert set(look(prepare(QuorumRegister, nodes=4), judge=sizes, runs=12).counts) == {"2", "3", "4"}
    assert set(look(prepare(QuorumRegister, nodes=4), judge=sizes, runs=12, nodes=[1, 4]).counts) == {"1", "4"}
    chain = prepare(QuorumRegister, links=[("n1", "n2"), ("n2", "n3")])
    assert set(look(chain, judge=sizes, runs=5).counts) == {"3"}
    assert set(look(prepare(QuorumRegister, nodes=["a", "b"]), judge=sizes, runs=5).counts) == {"2"}
    with pytest.raises(Misuse, match="cannot be fewer"):
        look(chain, nodes=[2])


def test_interrupted_it_says_so(prepare):
    calls = []

    def impatient(run):
        calls.append(run)
        if len(calls) == 120:
            raise KeyboardInterrupt
        return "ok"

    found = look(prepare(QuorumRegister), judge=impatient)
    assert found.runs == 100 and found.verdict.status == "unknown" and "interrupted" in str(found.verdict)


def test_interrupted_while_cutting_down_it_has_the_smallest_so_far(prepare):
    calls = []

    def impatient(run):
        calls.append(run)
        if len(calls) == 10:
            raise KeyboardInterrupt
        return "violated" if len(run.history) > 1 else "ok"

    found = look(prepare(QuorumRegister), judge=impatient)
    assert found.failure is not None and found.verdict.status == "violated" and len(calls) == 11


def test_interrupted_while_it_looks_for_fewer_nodes_it_keeps_what_it_found(prepare):
    calls = []

    def impatient(run):
        calls.append(run)
        if len(calls) == 60:
            raise KeyboardInterrupt
        return "violated" if len(run.cluster.names) == 3 and len(run.history) > 2 else "ok"

    found = look(prepare(QuorumRegister), judge=impatient)
    assert found.verdict.status == "violated" and len(found.failure.workload.operations) == 3


def test_a_worker_that_dies_ends_the_search_and_is_told(prepare):
    class Deadly(Forgetful):
        @rpc
        async def get(self, key):
            os._exit(3)

    with ProcessPoolExecutor(2) as executor:
        found = look(prepare(Deadly), executor=executor)
    assert found.verdict.status == "unknown" and "a worker died" in str(found.verdict)


def test_what_nobody_knows_is_not_ok(prepare):
    found = look(prepare(QuorumRegister), judge=lambda run: "unknown", runs=7)
    assert found.verdict.status == "unknown" and "7 of 7 runs" in str(found.verdict)


def test_luck_that_does_not_follow_from_the_seed_is_named(prepare):
    calls = []

    def moody(run):
        calls.append(run)
        return "violated" if len(calls) == 3 else "ok"

    with pytest.raises(Misuse, match="does not follow from the seed"):
        look(prepare(QuorumRegister), judge=moody)


def test_an_error_of_the_node_is_a_failure_of_its_own(prepare):
    class Fragile(Forgetful):
        async def start(self):
            raise ValueError("I do not start")

    found = look(prepare(Fragile))
    assert found.outcome == "raised" and "I do not start" in str(found.verdict)
    assert found.failure.workload.operations == ()


@pytest.mark.parametrize(("options", "says"), [
    ({"runs": 0}, "at least one run"), ({"faults": ["fire"]}, "no fault 'fire'; it knows drop"),
    ({"nodes": []}, "sizes of cluster"), ({"nodes": [4]}, "from 1 to the experiment's 3"), ({"span": -1}, "span"),
    ({"judge": lambda run: 3}, "a judge answers")])
def test_wrong_arguments_are_named(prepare, options, says):
    with pytest.raises(Misuse, match=says):
        look(prepare(QuorumRegister), **options)


def test_a_crash_that_counts_the_points_of_what_is_taken_away():
    asked = tuple(op(9.0 * i, "c1", "put", "x", i) for i in range(6))
    schedule = Schedule(3, asked, ((at(0, crash_at("n2", 26, restart=10)),),))

    def fails(simpler):
        return any(one.fault.args == ("n2", 4 * len(simpler.operations) + 2) and asked[5].value in [
            o.value for o in simpler.operations] for one in simpler.spelled())

    smallest = cut_down(schedule, fails, sizes=(3,))
    assert [o.value for o in smallest.operations] == [5]
    assert repr(smallest.spelled()) == "(at(0, crash_at('n2', 6, restart=10)),)"


def test_what_is_tied_to_less_is_tried_first(prepare):
    experiment = prepare(QuorumRegister, latency=constant(4))
    first, second = op(5, "c1", "put", "x", 1), op(6, "c1", "get", "x")
    never = (at(0, crash_at("n2", 900)),)
    schedule = Schedule(3, (first, second), ((at(0, crash_at("n3", 3, kind="power", restart=10)),), never))
    hunt = Hunt(parts(experiment), Alphabet(BUSY, ("n1", "n2", "n3")), anything, ("violated",), 0)
    loosest, before, moved, same = hunt.loosened(schedule)
    assert same == schedule and [o.at for o in moved.operations] == [5.0, 29.0] and moved.faults == schedule.faults
    assert repr(loosest.faults[0]) == "(at(13.001, crash('n3', kind='power')), at(23.001, restart('n3')))"
    assert repr(before.faults[0][0]) == "at(13, crash('n3', kind='power'))" and len(before.faults) == 1
    by_time = Schedule(3, (first,), ((at(9, crash("n1")), at(20, restart("n1"))), (at(0, crash_at("n1", 2)),)))
    assert list(hunt.loosened(by_time))[0].faults[0] == by_time.faults[0]
