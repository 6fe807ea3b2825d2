"""Vectors against sets of events; siblings against who had read what."""

from functools import reduce
from itertools import permutations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from splitbrain.protocols.version_vectors import Version, context, covers, join, merge, order

FIXED = settings(derandomize=True, database=None, deadline=None)

VECTORS = [{n: c for n, c in zip("abc", counts, strict=True) if c} for counts in product(range(3), repeat=3)]


def events(vector):
    """What a vector stands for: the writes that it knows."""
    return {(node, i) for node, count in vector.items() for i in range(1, count + 1)}


def test_order_and_join_are_those_of_sets_of_events():
    for a, b in product(VECTORS, repeat=2):
        ours, theirs = events(a), events(b)
        expected = ("equal" if ours == theirs else "before" if ours < theirs else
                    "after" if ours > theirs else "concurrent")
        assert order(a, b) == expected
        assert covers(a, b) == (ours >= theirs)
        assert events(join(a, b)) == ours | theirs


def test_a_count_of_nothing_is_no_knowledge():
    assert order({"a": 0}, {}) == "equal"


REPLICAS = 3
STEPS = st.lists(st.tuples(st.sampled_from(["write", "read", "copy"]), st.integers(0, REPLICAS - 1),
                           st.integers(0, REPLICAS - 1)), max_size=25)


def played(steps):
    """Three replicas and three clients. A client writes with what it read last, wherever that was.

    Beside each replica's versions: the writes that it has heard of, and for every write which writes its client had
    read, so the answer by definition.
    """
    replicas, heard = [()] * REPLICAS, [frozenset()] * REPLICAS
    contexts, read, past, states = [{}] * REPLICAS, [frozenset()] * REPLICAS, {}, [()]
    for number, (what, here, there) in enumerate(steps):
        if what == "write":
            name = f"n{here}"
            count = context(replicas[here]).get(name, 0) + 1
            replicas[here] = merge(replicas[here], [Version(name, count, contexts[there], number)])
            past[number] = read[there]
            heard[here] |= {number} | read[there]  # who holds a write knows what it replaced
        elif what == "read":
            contexts[there], read[there] = context(replicas[here]), heard[here]
        else:
            replicas[there] = merge(replicas[there], replicas[here])
            heard[there] |= heard[here]
        states += replicas
    return replicas, heard, past, states


@FIXED
@given(STEPS)
def test_exactly_what_nobody_had_read_stays(steps):
    replicas, heard, past, _ = played(steps)
    for versions, known in zip(replicas, heard, strict=True):
        left = {write for write in known if not any(write in past[other] for other in known)}
        assert {version.value for version in versions} == left


@FIXED
@given(STEPS)
def test_merge_is_commutative_associative_and_idempotent(steps):
    *_, states = played(steps)
    states = list(dict.fromkeys(states))[-6:]
    for a in states:
        assert merge(a, a) == a == merge(a)
    for a, b in product(states, repeat=2):
        assert merge(a, b) == merge(b, a)
    for three in permutations(states[-4:], 3):
        a, b, c = three
        assert merge(merge(a, b), c) == merge(a, merge(b, c)) == reduce(merge, three)


def test_two_clients_that_write_through_one_node_after_the_same_reading_are_siblings():
    first = merge([Version("n1", 1, {}, "milk")])
    read = context(first)
    after = merge(first, [Version("n1", 2, read, "eggs")])
    both = merge(after, [Version("n1", 3, read, "flour")])
    assert [version.value for version in both] == ["eggs", "flour"]


def test_a_version_travels_as_plain_data():
    version = Version("n1", 2, {"n2": 1}, ["milk"])
    assert Version(*version.plain) == version and version.plain == ["n1", 2, {"n2": 1}, ["milk"]]
