"""Where keys belong, and how many move, against theory."""

from statistics import fmean, pstdev

import pytest

from splitbrain.protocols.sharding import CIRCLE, Modulo, Ring, loads, moved, position

KEYS = [f"key-{i}" for i in range(20_000)]


def nodes(count):
    return [f"n{i}" for i in range(1, count + 1)]


@pytest.mark.parametrize("count", [1, 2, 5, 9])
def test_a_node_that_joins_a_ring_takes_its_share_and_nobody_else_gains(count):
    ring = Ring(nodes(count), tokens=200)
    bigger = ring.joined("new")
    gone = moved(ring, bigger, KEYS)
    assert {bigger.owner(key) for key in gone} == {"new"}
    assert len(gone) / len(KEYS) == pytest.approx(1 / (count + 1), rel=0.2)


@pytest.mark.parametrize("count", [2, 5, 9])
def test_a_node_that_leaves_a_ring_gives_its_keys_and_no_others(count):
    ring = Ring(nodes(count), tokens=200)
    smaller = ring.left("n1")
    assert moved(ring, smaller, KEYS) == [key for key in KEYS if ring.owner(key) == "n1"]
    assert smaller.joined("n1").circle == ring.circle


@pytest.mark.parametrize("count", [1, 2, 5, 9])
def test_modulo_moves_all_but_one_in_n_plus_one(count):
    before = Modulo(nodes(count))
    share = len(moved(before, before.joined("new"), KEYS)) / len(KEYS)
    assert share == pytest.approx(count / (count + 1), abs=0.02)


@pytest.mark.parametrize("tokens", [1, 10, 100])
def test_shares_scatter_as_theory_says(tokens):
    """Of V tokens among NV on a circle: a beta distribution, deviation / mean = sqrt((N - 1) / (NV + 1))."""
    count, spread = 8, []
    for name in range(40):
        ring = Ring([f"{name}-{i}" for i in range(count)], tokens=tokens)
        share = dict.fromkeys(ring.nodes, 0)
        for after, until, node in ring.arcs():
            share[node] += (until - after) % CIRCLE
        assert sum(share.values()) == CIRCLE
        spread += [part / CIRCLE * count for part in share.values()]
    assert fmean(spread) == pytest.approx(1)
    assert pstdev(spread) == pytest.approx(((count - 1) / (count * tokens + 1)) ** 0.5, rel=0.15)


def test_an_owner_is_the_next_token_clockwise():
    ring = Ring(nodes(4), tokens=3)
    for key in KEYS[:500]:
        ahead = min(ring.circle, key=lambda token: (token[0] - position(key)) % CIRCLE)
        assert ring.owner(key) == ahead[1]
        assert [n for a, b, n in ring.arcs() if 0 < (position(key) - a) % CIRCLE <= (b - a) % CIRCLE] == [ahead[1]]


def test_copies_are_on_different_nodes_and_begin_with_the_owner():
    ring = Ring(nodes(4), tokens=16)
    for key in KEYS[:100]:
        owners = ring.owners(key, 3)
        assert owners[0] == ring.owner(key) and len(set(owners)) == 3
    assert sorted(ring.owners("x", 9)) == nodes(4)
    # A copy is where the key goes when its owner leaves: nothing has to be fetched from elsewhere.
    for key in KEYS[:100]:
        first, second = ring.owners(key, 2)
        assert ring.left(first).owner(key) == second


def test_the_places_are_the_same_everywhere():
    assert position("n1#0") == 3644195303879665199
    assert Ring(["b", "a"]).circle == Ring(["a", "b"]).circle


def test_loads_count_every_key_once():
    count = loads(Ring(nodes(3)), KEYS)
    assert list(count) == nodes(3) and sum(count.values()) == len(KEYS)


@pytest.mark.parametrize("kind", [Ring, Modulo])
def test_names_are_checked(kind):
    for wrong in ([], ["n1", "n1"], "n1"):
        with pytest.raises(ValueError, match="nodes are at least one name"):
            kind(wrong)
    with pytest.raises(ValueError, match="no node 'n9'; there are n1, n2"):
        kind(["n1", "n2"]).left("n9")
    with pytest.raises(ValueError, match="no name twice"):
        kind(["n1"]).joined("n1")


def test_a_ring_needs_tokens():
    with pytest.raises(ValueError, match="at least one token"):
        Ring(["n1"], tokens=0)
