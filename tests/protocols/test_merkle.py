"""The keys that differ are found, and little else is compared."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from splitbrain.protocols.merkle import MerkleTree, children

FIXED = settings(derandomize=True, database=None, deadline=None)

HELD = st.dictionaries(st.text("abcxyz", min_size=1, max_size=3), st.text("12", max_size=2), max_size=12)


def descend(mine, yours):
    """The keys of mine in the ranges that differ, and how many digests were asked for on the way."""
    places, asked = [0], 0
    for level in range(mine.depth + 1):
        asked += len(places)
        places = mine.differing(level, places, yours.digests(level, places))
        if level < mine.depth:
            places = children(places)
    return mine.keys(places), asked


@FIXED
@given(HELD, HELD)
def test_every_key_that_differs_is_found(mine, yours):
    differ = {key for key in mine.keys() | yours.keys() if mine.get(key) != yours.get(key)}
    a, b = MerkleTree(mine), MerkleTree(yours)
    assert {*descend(a, b)[0], *descend(b, a)[0]} >= differ
    assert (a.levels[0] == b.levels[0]) == (not differ)


@pytest.mark.parametrize("depth", [0, 3, 8])
def test_one_key_of_many_costs_two_digests_a_level(depth):
    mine = {f"k{i}": "same" for i in range(1000)}
    a, b = MerkleTree(mine, depth), MerkleTree(mine | {"k7": "other"}, depth)
    found, asked = descend(a, b)
    assert "k7" in found and len(found) <= 2 * 1000 / 2**depth + 10
    assert asked == 1 + 2 * depth
    assert descend(a, a) == ([], 1)


def test_what_is_held_counts_and_where_a_text_ends():
    def root(held):
        return MerkleTree(held, depth=0).levels[0]

    assert root({"a": "bc"}) != root({"ab": "c"}) and root({"a": "b"}) != root({}) == root({})
    assert root({"a": "1", "b": "2"}) == root({"b": "2", "a": "1"})
