"""What a message may carry, and what is said about the rest."""

import collections
import enum
import marshal
import sqlite3

import pytest

from splitbrain.plain import explain_body, is_plain

PLAIN = [
    None, True, 0, -1, 10**400, 1.5, float("nan"), float("inf"), "", "x", "\ud800 alone", b"\x00\xff", [], (), {},
    [1, (2, [3, {"k": None}])], {"a": {1: [b"x"]}, (1, 2): "a tuple as a key"},
]


@pytest.mark.parametrize("value", PLAIN, ids=repr)
def test_plain_data_arrives_as_it_was_sent(value):
    assert is_plain(value)
    there = marshal.loads(marshal.dumps(value, 2))
    assert there == value or value != value
    assert type(there) is type(value)


class Colour(enum.IntEnum):
    RED = 1


Point = collections.namedtuple("Point", "x y")


async def a_coroutine():
    pass


def row():
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    found = connection.execute("SELECT 1 AS one").fetchone()
    connection.close()
    return found


class Text(str):
    pass


class Thing:
    pass


class Scalar:
    """As numpy's are."""

    def item(self):
        return 1


REFUSED = [
    ({1, 2}, "a set", "sorted("), (frozenset(), "a frozenset", "sorted("), (bytearray(b"x"), "a bytearray", "bytes("),
    (collections.Counter("aab"), "a Counter", "dict("), (collections.defaultdict(int), "a defaultdict", "dict("),
    (collections.OrderedDict(), "an OrderedDict", "dict("), (Point(1, 2), "a Point", "tuple("),
    (Colour.RED, "a Colour", ".value"), (row(), "a Row", "dict("), (range(3), "a range", "list("),
    ((i for i in ()), "a generator", "list("), ({}.keys(), "a dict_keys", "sorted("), (Text("x"), "a Text", "str("),
    (ValueError("no"), "a ValueError", "str("), (Thing(), "a Thing", "plain values"), (1j, "a complex", "plain values"),
    (..., "an ellipsis", "plain values"), (len, "a builtin_function_or_method", "plain values"),
    (a_coroutine.__code__, "a code", "plain values"), (Scalar(), "a Scalar", ".item()"), (type, "a type", "plain"),
]


@pytest.mark.parametrize(("value", "kind", "advice"), REFUSED, ids=lambda v: v if isinstance(v, str) else "")
def test_what_is_not_plain_is_named_with_what_to_send_instead(value, kind, advice):
    for body, place in ((value, ""), ([0, value], " (at [1])"), ({"k": (value,)}, " (at ['k'][0])")):
        assert not is_plain(body)
        text = explain_body(body, "n1 calls put of n2")
        assert text.startswith(f"n1 calls put of n2 with {kind}{place}. A message carries plain data only")
        assert advice in text.rpartition(": ")[2]


def test_a_key_that_is_not_plain_is_found_too():
    assert not is_plain({frozenset(): 1})
    assert "with a frozenset (at [frozenset()])" in explain_body({frozenset(): 1}, "n1.get returns")


def test_a_coroutine_that_was_not_awaited():
    forgotten = a_coroutine()
    assert not is_plain(forgotten)
    assert "with a coroutine" in explain_body(forgotten, "n1.get returns")
    assert explain_body(forgotten, "n1.get returns").endswith("await it first")
    forgotten.close()


def test_what_contains_itself_or_is_too_deep():
    ring = [1]
    ring.append(ring)
    twice = []
    twice += [twice, twice]
    deep, limit = [], []
    for _ in range(200):
        deep = [deep]
    for _ in range(99):
        limit = [limit]
    for value in (ring, twice, deep, {"k": ring}):
        assert not is_plain(value)
        assert "nested more than 100 levels deep, or contains itself" in explain_body(value, "n1 calls put of n2")
    assert is_plain(limit)
    assert marshal.loads(marshal.dumps(limit, 2)) == limit
