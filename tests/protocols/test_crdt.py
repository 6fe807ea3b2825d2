"""The laws of merging, and each value against what it means: a function of the changes that a replica has heard of."""

import json
from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mending import converges, mend

from splitbrain import Cluster, Experiment, counter, grow_only_set, register, rpc
from splitbrain.checkers import convergence
from splitbrain.explore import fuzz
from splitbrain.explore.schedules import KINDS as KINDS_OF_FAULTS
from splitbrain.protocols.crdt import GCounter, LWWRegister, ORSet, PNCounter
from splitbrain.protocols.crdt_replica import CrdtReplica
from splitbrain.records import Verdict

FIXED = settings(derandomize=True, database=None, deadline=None)

REPLICAS, ELEMENTS = 3, ("a", "b")


def counted(heard):
    return sum(amount for _, _, amount, _ in heard)


def last(heard):
    return max(((time, node, value) for node, (time, value), *_ in heard), default=(0, "", None))[2]


def observed(heard):
    """Add wins: an element is there if some addition of it was in front of no one who removed it."""
    removed = {one for _, what, _, seen in heard if what[0] == "remove" for one in seen}
    return sorted({what[1] for number, what, _, _ in heard if what[0] == "add" and number not in removed})


class Replica:
    """A state, and the changes that it has heard of."""

    def __init__(self, kind):
        self.state, self.heard = kind(), frozenset()


def step(kind, number, node, luck, replica):
    """One change at a replica, and what is to be remembered of it."""
    if kind is LWWRegister:
        replica.state = replica.state.set(node, number, float(luck))
        return node, (replica.state.time, number), None, None
    if kind is ORSet:
        what = ("add", "remove")[luck % 2], ELEMENTS[luck // 2 % 2]
        seen = frozenset(n for n, (f, element), *_ in replica.heard if f == "add" and element == what[1])
        replica.state = getattr(replica.state, what[0])(node, what[1])
        return number, what, None, seen
    amount = luck if kind is GCounter else luck - 4
    replica.state = replica.state.add(node, amount)
    return number, None, amount, None


MEANING = {GCounter: counted, PNCounter: counted, LWWRegister: last, ORSet: observed}
KINDS = pytest.mark.parametrize("kind", MEANING, ids=lambda kind: kind.__name__)
STEPS = st.lists(st.tuples(st.booleans(), st.integers(0, REPLICAS - 1), st.integers(0, 9)), max_size=20)


def played(kind, steps):
    """Replicas that change and merge; all states on the way."""
    replicas, states = [Replica(kind) for _ in range(REPLICAS)], [kind()]
    for number, (changes, here, luck) in enumerate(steps):
        replica = replicas[here]
        if changes:
            replica.heard |= {step(kind, number, f"n{here}", luck, replica)}
        else:
            other = replicas[luck % REPLICAS]
            replica.state, replica.heard = replica.state.merge(other.state), replica.heard | other.heard
        states.append(replica.state)
    return replicas, states


@KINDS
@FIXED
@given(steps=STEPS)
def test_the_value_follows_from_the_changes_heard_of_and_from_nothing_else(kind, steps):
    replicas, _ = played(kind, steps)
    for replica in replicas:
        assert replica.state.value == MEANING[kind](replica.heard)
    for a, b in product(replicas, repeat=2):
        if a.heard == b.heard:
            assert a.state == b.state
        assert a.state.merge(b.state).value == MEANING[kind](a.heard | b.heard)


@KINDS
@FIXED
@given(steps=STEPS)
def test_merge_is_commutative_associative_and_idempotent(kind, steps):
    states = played(kind, steps)[1][-5:]
    for a, b in product(states, repeat=2):
        assert a.merge(b) == b.merge(a)
        assert a.merge(b).merge(b) == a.merge(b) and a.merge(a) == a
    for a, b, c in permutations(states, 3):
        assert a.merge(b).merge(c) == a.merge(b.merge(c))


@KINDS
@FIXED
@given(steps=STEPS)
def test_a_change_contains_the_state_before(kind, steps):
    replicas, _ = played(kind, steps)
    for replica in replicas:
        before = replica.state
        step(kind, 99, "n0", 3, replica)
        assert before.merge(replica.state) == replica.state


@KINDS
@FIXED
@given(steps=STEPS)
def test_states_travel_as_plain_data(kind, steps):
    for state in played(kind, steps)[1]:
        assert kind.read(state.plain) == state


def test_what_was_removed_does_not_come_back_with_an_old_message():
    start = ORSet().add("n1", "milk")
    gone = start.remove("n2", "milk")
    assert gone.merge(start).value == [] == start.merge(gone).merge(start).value
    again = gone.add("n1", "milk")
    assert again.merge(gone).merge(start).value == ["milk"]  # a new addition is no ghost


def test_add_wins_whoever_merges_first():
    start = ORSet().add("n1", "milk")
    added, removed = start.add("n1", "milk"), start.remove("n2", "milk")
    assert added.merge(removed).value == removed.merge(added).value == ["milk"]


def test_elements_may_be_tuples_and_of_different_kinds():
    state = ORSet()
    for element in (1, "1", None, ("a", 2)):
        state = state.add("n1", element)
    assert ORSet.read(json.loads(json.dumps(state.plain))) == state and len(state.value) == 4


def test_a_counter_that_only_grows_refuses_to_shrink():
    with pytest.raises(ValueError, match="only grows"):
        GCounter().add("n1", -1)


def test_of_two_that_write_at_once_the_register_keeps_one():
    a, b = LWWRegister().set("n1", "tea", 5), LWWRegister().set("n2", "coffee", 5)
    assert a.merge(b).value == b.merge(a).value == "coffee"


# Replicas that gossip.


class Replicas(CrdtReplica):
    gossip_every = 60.0  # a third of the messages, and broken merges are found as soon


class Counter(Replicas):
    kind = PNCounter


class Register(Replicas):
    kind = LWWRegister


class Basket(Replicas):
    """Now and then what is read is removed, so that the search sees removals as well."""

    kind = ORSet

    @rpc
    async def read(self, key):
        there = self._state(key).value
        if there and there[0] % 3 == 0:
            await self.remove(key, there[0])
        return there


def settled(run):
    """Once mended: all hold the same, and no less than what was acknowledged."""
    cluster = mend(run.cluster, 1500)
    verdict = convergence(cluster)
    if verdict.status == "violated" or not run.history:
        return verdict
    value = next(iter(cluster.values("n1").values()), None)
    adds = [o for o in run.history if o.f == "add"]
    known = [o.value for o in adds if o.status == "ok"]
    open_ = [o.value for o in adds if o.status == "unknown"]
    if isinstance(cluster["n1"], Counter):
        total = value or 0
        least = sum(known) + sum(v for v in open_ if v < 0)
        most = sum(known) + sum(v for v in open_ if v > 0)
        if not least <= total <= most:
            return Verdict("violated", f"the total is {total}, and must be from {least} to {most}", "total")
    if isinstance(cluster["n1"], Basket):
        there = set(value or [])
        removed = {o.result[0] for o in run.history if o.f == "read" and o.result and o.result[0] % 3 == 0}
        wrong = {v for v in known if v % 3} - there | there & removed | there - {*known, *open_}
        if wrong:
            return Verdict("violated", f"lost, back again or never added: {sorted(wrong)}", "basket")
    return verdict


ONCE = [kind for kind in KINDS_OF_FAULTS if kind != "duplicate"]  # a request that is doubled is counted twice


@pytest.mark.parametrize("node, workload", [(Counter, counter(clients=3, ops=40)), (Register, register(ops=40)),
                                            (Basket, grow_only_set(clients=3, ops=40))],
                         ids=["counter", "register", "set"])
@pytest.mark.parametrize("judge, faults", [(converges, KINDS_OF_FAULTS), (settled, ONCE)], ids=["same", "right"])
def test_whatever_heals_converges(node, workload, judge, faults):
    found = fuzz(Experiment(Cluster(node, nodes=3, timeout=200), workload), runs=30, judge=judge, faults=faults,
                 progress=False)
    assert found.verdict.status != "violated", found


@pytest.mark.long
@pytest.mark.parametrize("node, workload", [(Counter, counter(clients=3, ops=40)),
                                            (Basket, grow_only_set(clients=3, ops=40))])
def test_whatever_heals_converges_in_a_long_search(node, workload):
    found = fuzz(Experiment(Cluster(node, nodes=3, timeout=200), workload), runs=2000, judge=settled, faults=ONCE,
                 progress=False)
    assert found.verdict.status != "violated", found


def test_merging_is_idempotent_and_asking_is_not():
    cluster = Cluster(Counter, nodes=2, seed=1)
    cluster.duplicate(1.0, "n1", "n2")  # what replicas send one another
    cluster.client("n1").add("x", 1)
    cluster.run(200)
    assert cluster.client("n2").read("x") == 1
    cluster.duplicate(1.0)  # what clients ask, too
    cluster.client("n1").add("x", 1)
    cluster.run(200)
    assert cluster.client("n2").read("x") == 3


class SumOfBoth(PNCounter):
    """Merges by adding up: wrong as soon as the same state comes twice."""

    def merge(self, other):
        return PNCounter(GCounter({n: self.up.counts.get(n, 0) + c for n, c in other.up.counts.items()}),
                         self.down.merge(other.down))


class NoTombstones(ORSet):
    """Forgets what was removed."""

    def _without(self, tags):
        tags = set(tags)
        return NoTombstones(frozenset(pair for pair in self.added if pair[1] not in tags))


@pytest.mark.parametrize("node, kind, workload", [(Counter, SumOfBoth, counter(clients=3, ops=40)),
                                                  (Basket, NoTombstones, grow_only_set(clients=3, ops=40))])
def test_the_search_finds_a_merge_that_is_none(node, kind, workload):
    broken = type(node.__name__, (node,), {"kind": kind})
    found = fuzz(Experiment(Cluster(broken, nodes=2, timeout=200), workload), runs=60, judge=settled,
                 faults=ONCE, progress=False)
    assert found.verdict.status == "violated"


def test_it_answers_alone_and_keeps_what_it_acknowledged():
    cluster = Cluster(Counter, nodes=3, seed=1)
    cluster.partition("n1", "n2", "n3")
    for name in cluster.names:
        cluster.client(name).add("x", 1)
        assert cluster.client(name).read("x") == 1
        cluster.crash(name, kind="power")
        cluster.restart(name)
    assert convergence(mend(cluster, 500)).status == "ok" and cluster.values("n2") == {"x": 3}


def test_a_clock_that_is_ahead_does_not_swallow_later_writes():
    cluster = Cluster(Register, nodes=2, seed=1)
    cluster.skew("n1", 60_000)
    cluster.client("n1").set("x", "ahead")
    cluster.run(200)
    cluster.client("n2").set("x", "later")
    cluster.run(200)
    assert cluster.client("n1").read("x") == "later"
