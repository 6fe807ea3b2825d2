"""Lab 08, siblings: every pair of small vectors, and every two small sets of versions, beside sets of events."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from itertools import combinations, product
from typing import Any

from splitbrain.course.feedback import Wrong, exercise, expect, learner_code

RELATIONS = ("before", "after", "equal", "concurrent")


@exercise("08_base", "siblings", title="Which versions stay", lines=10, seconds=10, hints=(
    "One vector is before another if it knows nothing that the other does not know, and less. Two vectors may each "
    "know something that the other does not. A node that a vector does not name counts as 0.",
    "compare: less = everything in a is in b; more = the other way round; the four cases follow from these two. "
    "reconcile: of all versions from both sides, leave out each that is before some other one, and each that you have "
    "already.",
    "less = all(n <= b.get(node, 0) for node, n in a.items()), more likewise. kept = []; for each version of ours + "
    "theirs: if no other one is after it, and it is not in kept, append it."))
def check_siblings(compare: Callable, reconcile: Callable) -> str:
    pairs = list(product(_vectors(), repeat=2))
    for a, b in pairs:
        _try_compare(compare, a, b)
    sets = list(_sets())
    for ours, theirs in sets:
        _try_reconcile(reconcile, ours, theirs)
    return (f"of {len(pairs)} pairs of vectors you tell which was first, or that nobody can; and of {len(sets):,} "
            "pairs of replicas exactly the versions stay that no other one replaces.")


def _vectors() -> list[dict[str, int]]:
    """Small ones, the smaller first; some name a node and count 0 of it."""
    named = [{node: n for node, n in zip(("n1", "n2"), counts, strict=True) if n}
             for counts in product(range(3), repeat=2)]
    return sorted([*named, {"n1": 0}, {"n1": 1, "n2": 0}], key=lambda vector: sum(vector.values()))


def _events(vector: dict[str, int]) -> set:
    return {(node, i) for node, n in vector.items() for i in range(n)}


def _relation(a: dict[str, int], b: dict[str, int]) -> str:
    ours, theirs = _events(a), _events(b)
    return ("equal" if ours == theirs else "before" if ours < theirs else "after" if ours > theirs else "concurrent")


def _try_compare(compare: Callable, a: dict[str, int], b: dict[str, int]) -> None:
    call = f"compare({a}, {b})"
    with learner_code(f"in {call}"):
        found = compare(dict(a), dict(b))
    expect(found, str, "one of " + ", ".join(map(repr, RELATIONS)), of=call)
    right = _relation(a, b)
    if found != right:
        raise Wrong(_why(a, b, right, found), expected=f"{call} returns {right!r}", got=repr(found))


def _why(a: dict[str, int], b: dict[str, int], right: str, found: str) -> str:
    if found not in RELATIONS:
        return f"There is no {found!r}: it is one of {', '.join(RELATIONS)}."
    if right == "concurrent":
        only_a, only_b = (sorted(_events(x) - _events(y))[0] for x, y in ((a, b), (b, a)))
        return (f"The first knows write {only_a[1] + 1} of {only_a[0]}, which the second does not; the second knows "
                f"write {only_b[1] + 1} of {only_b[0]}, which the first does not. Neither came first: who takes one of "
                "them for newer throws the other one away.")
    if right == "equal":
        return "Both know the same. A node that is not named counts as 0."
    fewer, more = (a, b) if right == "before" else (b, a)
    return f"Whatever {fewer} knows, {more} knows as well, and more."


def _sets() -> Iterator[tuple[list, list]]:
    """Two replicas' versions, few first; none of one replica's is before another of the same."""
    vectors = [v for v in _vectors() if 0 not in v.values() and v]
    one = [[v] for v in vectors]
    two = [list(pair) for pair in combinations(vectors, 2) if _relation(*pair) == "concurrent"]
    yield from product([[]], one)
    yield from product(one, [[], *one])
    yield from product(one, two)
    yield from product(two, [*one, *two])


def _try_reconcile(reconcile: Callable, ours: list, theirs: list) -> None:
    mine, yours = ([(vector, _value(vector)) for vector in side] for side in (ours, theirs))
    with learner_code(f"in reconcile({mine}, {yours})"):
        found = reconcile(copy.deepcopy(mine), copy.deepcopy(yours))
    call = f"reconcile({mine}, {yours})"
    expect(found, list, "a list of (vector, value)", of=call)
    every = {value: vector for vector, value in mine + yours}
    right = [(vector, value) for value, vector in every.items()
             if not any(_relation(vector, other) == "before" for other in every.values())]
    _compare_sets(found, right, call, every)


def _value(vector: dict[str, int]) -> str:
    return "cart " + " ".join(f"{node}:{n}" for node, n in sorted(vector.items()))


def _compare_sets(found: list, right: list, call: str, every: dict[str, dict]) -> None:
    def key(version: Any) -> str:
        return repr(version[1]) if isinstance(version, tuple | list) and len(version) == 2 else repr(version)

    if sorted(map(key, found)) == sorted(map(key, right)) and all(tuple(v) in right for v in found):
        return
    names = [key(version) for version in found]
    lost = [version for version in right if key(version) not in names]
    twice = [version for version in right if names.count(key(version)) > 1]
    old = [value for value in every if repr(value) in names and repr(value) not in map(key, right)]
    if lost:
        why = f"{lost[0]} is gone, and no other version knows of it: somebody's update is lost."
    elif twice:
        why = f"{twice[0]} is there twice: both replicas had it, and it is one version."
    elif old:
        why = f"{old[0]!r} is still there, although another version knows of it and replaces it."
    else:
        why = "These are no versions of either side: give back the pairs (vector, value) as they are."
    raise Wrong(why, expected=f"{call} returns, in any order, {right}", got=found)
