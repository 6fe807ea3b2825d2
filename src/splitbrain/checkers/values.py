"""Values as checkers compare them."""

from __future__ import annotations

from typing import Any


def frozen(value: Any) -> Any:
    """The same value, hashable: lists become tuples, dicts tuples of sorted pairs, sets frozen sets.

    >>> frozen({"b": [1, {2}], "a": None})
    (('a', None), ('b', (1, frozenset({2}))))
    """
    if isinstance(value, list | tuple):
        return tuple(map(frozen, value))
    if isinstance(value, dict):
        return tuple(sorted(((k, frozen(v)) for k, v in value.items()), key=repr))
    if isinstance(value, set):
        return frozenset(map(frozen, value))
    return value
