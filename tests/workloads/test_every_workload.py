"""What all workloads keep: the same plan from the same seed, operations that do not depend on each other, a right node
that passes whatever happens to it."""

import inspect
from collections import Counter
from functools import partial

import pytest
import right_nodes
from hypothesis import given, settings
from hypothesis import strategies as st
from right_nodes import RIGHT, runs

import splitbrain
from splitbrain import Cluster, Experiment, at, crash, cut, heal, isolate, restart, workloads
from splitbrain.checkers import judge
from splitbrain.explore import replay, replay_line
from splitbrain.records import History

FINISHES = {"queue", "grow_only_set", "bank"}  # with operations that are not counted in `ops`
TROUBLE = [at(300, cut("n1", "n2")), at(500, heal()), at(700, crash("n1", kind="power")), at(1000, restart("n1")),
           at(1100, isolate("n3")), at(1200, heal())]

every_workload = pytest.mark.parametrize("name", RIGHT)


def make(name, **options):
    return getattr(workloads, name)(**options)


def test_none_is_left_out():
    assert {*RIGHT, "Planned", "Workload"} == set(workloads.__all__)
    assert all(getattr(splitbrain, name) is getattr(workloads, name) for name in RIGHT)


def test_what_is_asked_by_hand_is_judged_alike():
    with Cluster(right_nodes.Registers, nodes=2) as cluster:
        cluster.client("n1").put("x", 1)
        assert cluster.client("n2").cas("x", 1, 2) is True and cluster.client("n1").cas("x", 1, 3) is False
        assert str(cluster.history).splitlines()[1:] == ["c2: cas(x, 1, 2) -> True", "c1: cas(x, 1, 3) -> False"]
        assert judge("cas-register", cluster.history).status == "ok"
    with Cluster(right_nodes.Bank, nodes=2) as cluster:
        cluster.client("n2").transfer("x", "y", 4)
        cluster.client("n1").read()
        assert str(cluster.history) == "c2: transfer(x, y, 4) -> None\nc1: read() -> {'x': 6, 'y': 14, 'z': 10}"
        assert judge("bank(total=30)", cluster.history).status == "ok"


@every_workload
@pytest.mark.parametrize("faults", [(), TROUBLE], ids=["calm", "trouble"])
def test_a_right_node_passes(name, faults):
    ends = Counter()
    for run in runs(RIGHT[name], partial(make, name), faults=faults, seeds=range(20)):
        assert run.verdict.status == "ok" or (name == "queue" and "of unknown outcome" in str(run.verdict)), run.verdict
        ends[run.verdict.status] += 1
        ends.update((o.f, o.status) for o in run.history)
    assert ends["ok"] >= 15
    functions = {o.f for o in run.history}
    assert all(ends[f, "ok"] > 50 for f in functions)
    if faults:
        assert all(ends[f, "unknown"] > 5 for f in functions)


@every_workload
def test_the_same_seed_gives_the_same_plan(name):
    plan = make(name, seed=7)
    assert plan == make(name, seed=7) and len(set(plan.operations)) == len(plan)
    assert [o.at for o in plan.operations] != [o.at for o in make(name, seed=8).operations]
    assert len({o.salt for o in plan.operations}) == len(plan) >= 60
    assert [o.at for o in plan.operations] == sorted(o.at for o in plan.operations)
    assert judge(plan.check, History()).status in ("ok", "unknown")


@every_workload
def test_a_longer_plan_has_those_of_the_shorter(name):
    short, long = (make(name, ops=ops).operations for ops in (30, 60))
    if name in FINISHES:
        short, long = ([o for o in plan if o.at < 20 * 60] for plan in (short, long))
    kept = set(map(str, long))
    assert len([o for o in short if o.at < 600]) == 30 and all(str(o) in kept for o in short if o.at < 600)


@every_workload
def test_clients_take_turns(name):
    plan = make(name, clients=4, ops=40, every=50, start=100).operations
    for number in range(4):
        mine = [o.at for o in plan if o.process == f"c{number + 1}"][:10]
        assert [int((moment - 100) // 50) for moment in mine] == list(range(10))


@every_workload
def test_what_can_be_told_apart_is(name):
    """Values that are put somewhere are all different, where the rule is about what became of each."""
    put = [repr((o.key, o.value)) for o in make(name, ops=200).operations if o.f in ("put", "append", "enqueue", "cas")
           or (o.f == "add" and name == "grow_only_set")]
    assert len(set(put)) == len(put)
    assert put or name in ("mutex", "counter", "bank", "append", "rw_register")


def test_what_is_asked_for():
    transfers = [(o.key, *o.value) for o in workloads.bank(ops=500, reads=0, most=4).operations[:500]]
    assert {(a, b) for a, b, _ in transfers} == {(a, b) for a in "xyz" for b in "xyz" if a != b}
    assert {amount for _, _, amount in transfers} == {1, 2, 3, 4}
    amounts = [o.value for o in workloads.counter(ops=500, reads=0, amounts=(-2, 7)).operations]
    assert 200 < amounts.count(7) < 300 and set(amounts) == {-2, 7}
    kinds = Counter(o.f for o in workloads.cas_register(ops=1000, reads=0.1, cas=0.6).operations)
    assert all(abs(kinds[f] - many) < 60 for f, many in {"get": 100, "cas": 600, "put": 300}.items())
    kinds = Counter(o.f for o in workloads.kv(ops=1000, reads=0.1, appends=0.6).operations)
    assert all(abs(kinds[f] - many) < 60 for f, many in {"get": 100, "append": 600, "put": 300}.items())
    with pytest.raises(ValueError, match="bank\\(\\) needs two accounts"):
        workloads.bank(accounts=1)


@pytest.mark.parametrize("name", sorted(FINISHES))
def test_the_last_look_comes_after_the_rest(name):
    whole = make(name, ops=30, settle=700)
    plan = whole.operations
    assert all(o.at < 600 for o in plan[:30]) and len(plan) > 30
    assert all(o.at >= 1300 and o.value is None for o in plan[30:])
    assert whole.final == len(plan) - 30 and whole.without(1, 5, 30, 31).final == len(plan) - 32
    looks = Counter(o.process for o in plan[30:])
    assert max(looks.values()) - min(looks.values()) <= 1 and len(looks) == 3


@every_workload
def test_its_handlers_are_those_of_the_table(name):
    handlers = {o.f for o in make(name).operations}
    assert handlers <= set(RIGHT[name]._handlers) and all(f in workloads.__doc__ for f in handlers)


@every_workload
@pytest.mark.parametrize("wrong", [{"clients": 0}, {"ops": -1}, {"every": 0}])
def test_nonsense_is_refused(name, wrong):
    with pytest.raises(ValueError, match=f"{name}\\(\\) needs at least one client"):
        make(name, **wrong)


@every_workload
def test_a_share_is_a_share_and_changes_no_other_draw(name):
    shares = [p for p in inspect.signature(getattr(workloads, name)).parameters
              if p in ("reads", "cas", "appends", "enqueues") and (p, name) != ("appends", "append")]
    for share in shares:
        for wrong in (-0.1, 1.1):
            with pytest.raises(ValueError, match=f"{share}={wrong}"):
                make(name, **{share: wrong})
        none, all_of_it = (make(name, **dict.fromkeys(shares, 0.0) | {share: part}).operations for part in (0, 1))
        assert [(o.at, o.salt) for o in none][:50] == [(o.at, o.salt) for o in all_of_it][:50]
        assert [(o.f, o.value) for o in none][:50] != [(o.f, o.value) for o in all_of_it][:50]
    assert shares or name == "mutex"


@every_workload
def test_it_replays_from_one_line(name):
    with Cluster(RIGHT[name], nodes=2, seed=4) as cluster:
        experiment = Experiment(cluster, make(name, ops=9), faults=[at(100, crash("n1")), at(200, restart("n1"))])
        line = replay_line(experiment)
        again, run = eval(line, {"replay": replay}), experiment.run()
        assert again.line == line and again.verdict == run.verdict
        assert again.journal.to_bytes() == run.journal.to_bytes()


def sendings(run):
    """Every message that operations sent, with its latency, by operation."""
    sent = {e.message.id: e for e in run.journal.of("send")}
    invoked = {e.detail["operation"]: e.time for e in run.journal.of("invoke")}
    told = {}
    for event in run.journal.of("receive"):
        message, began = event.message, sent[event.message.id].time
        told.setdefault(message.operation, []).append(
            (message.source, message.target, message.method, round(event.time - began, 3),
             round(began - invoked[message.operation], 3)))
    return {key: sorted(value) for key, value in told.items()}


def names(workload, left):
    """What the runs call the operations that are left: a client's operations are numbered."""
    asked = Counter()
    found = []
    for i in left:
        process = workload.operations[i].process
        found.append(f"{process}#{asked[process]}")
        asked[process] += 1
    return found


@every_workload
@settings(max_examples=4, derandomize=True, database=None, deadline=None)
@given(st.sets(st.integers(0, 39), min_size=1))
def test_taking_operations_away_changes_no_other(name, gone):
    """Without faults each operation's messages keep their latencies, whatever else is left out of the plan."""
    whole = make(name, ops=30, every=400)  # far apart, so that no operation waits for another of its client
    kept = [i for i in range(len(whole)) if i not in gone]
    rest = whole.without(*gone)
    assert rest.operations == tuple(whole.operations[i] for i in kept)
    with Cluster(RIGHT[name], nodes=3, seed=3) as cluster:
        before, after = (sendings(Experiment(cluster, workload).run()) for workload in (whole, rest))
    everyone = names(whole, range(len(whole)))
    assert len(before) == len(whole) and len(after) == len(kept)
    assert after == {new: before[everyone[i]] for i, new in zip(kept, names(rest, range(len(kept))), strict=True)}


@pytest.mark.parametrize("name", ["grow_only_set", "queue"])
def test_without_its_last_operations_a_right_node_is_not_accused(name):
    """What was not looked for is not lost: whoever cuts a plan down must find no failure that is none."""
    seen = Counter()
    for seed in range(10):
        whole = make(name, ops=20, seed=seed)
        for few in range(1, len(whole)):
            with Cluster(RIGHT[name], nodes=1, seed=seed, journal=False) as cluster:
                run = Experiment(cluster, whole.without(*range(few, len(whole)))).run()
                seen[run.verdict.status] += 1
    assert seen["unknown"] > 30 and seen["ok"] > 30 and not seen["violated"]
