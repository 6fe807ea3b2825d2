"""Values as checkers compare them: as Python does, so 1, 1.0 and True are one value.

(SQLite stores them as one, and gives back 1 where True was put: to call that a violation would be wrong more often than
right.) Lists and tuples of the same are the same; a dict is equal to a dict only.
"""

from __future__ import annotations

from typing import Any


class _Fields(dict):
    """A dict that nobody changes any more, so it can be a key."""

    def __hash__(self) -> int:
        return hash(frozenset(self.items()))


def frozen(value: Any) -> Any:
    """The same value, hashable: lists become tuples, sets frozen sets, dicts are dicts still.

    >>> frozen({"b": [1, {2}], "a": None})
    {'b': (1, frozenset({2})), 'a': None}
    >>> frozen({"b": 1, "a": 2}) == frozen({"a": 2, "b": 1}), frozen({}) == frozen([])
    (True, False)
    """
    if isinstance(value, list | tuple):
        return tuple(map(frozen, value))
    if isinstance(value, dict):
        return _Fields((k, frozen(v)) for k, v in value.items())
    if isinstance(value, set):
        return frozenset(map(frozen, value))
    return value
