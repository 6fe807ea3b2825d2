"""Plain data: what a message may carry. None, bool, int, float, str, bytes; lists, tuples and dicts of these.

A message is serialised with ``marshal.dumps(body, 2)``: the fastest there is, and with version 2 the bytes do not
depend on which objects are shared. But marshal lets sets and code through, and turns a bytearray into bytes, so
what is no scalar is looked at here first.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Set
from enum import Enum
from typing import Any

_SCALARS = (bool, int, float, str, bytes, type(None))
_DEEPEST = 100  # levels


def is_plain(value: Any, depth: int = 0) -> bool:
    """Whether a value is plain data, all the way down (to 100 levels).

    >>> is_plain({"x": [1, 2.5, None]}), is_plain({1, 2})
    (True, False)
    """
    kind = value.__class__
    if kind in _SCALARS:
        return True
    if depth > _DEEPEST:
        return False
    if kind is dict:
        return all(is_plain(k, depth + 1) and is_plain(v, depth + 1) for k, v in value.items())
    return kind in (list, tuple) and all(is_plain(item, depth + 1) for item in value)


def explain_body(value: Any, where: str) -> str:
    """The sentence for a body that is not plain data: which part, and what to send instead."""
    culprit, path = _find(value, "")
    kind = type(culprit).__name__
    if culprit.__class__ in (dict, list, tuple):  # of plain parts: then only its depth is wrong
        return f"{where} with a {kind} that is nested more than {_DEEPEST} levels deep, or contains itself"
    return (f"{where} with {_article(kind)} {kind}{f' (at {path})' if path else ''}. A message carries plain data only "
            "(None, bool, int, float, str, bytes; lists, tuples and dicts of these), because nodes share no objects: "
            f"{_advise(culprit)}")


def _advise(culprit: Any) -> str:
    """What to send instead: the first line of the table that fits."""
    if inspect.isawaitable(culprit):
        return "await it first"
    if hasattr(culprit, "keys"):  # defaultdict, Counter, sqlite3.Row
        return "send dict(...) of it"
    for kinds, advice in (
        (Enum, "send its .value"), (Set, "send sorted(...) of it, a list"), (bytearray, "send bytes(...) of it"),
        (tuple, "send tuple(...) of it"), (int, "send int(...) of it"), (float, "send float(...) of it"),
        (str, "send str(...) of it"), (bytes, "send bytes(...) of it"), (Iterable, "send list(...) of it"),
        (BaseException, "send str(...) of it"),
    ):
        if isinstance(culprit, kinds):
            return advice
    return "send its .item()" if hasattr(culprit, "item") else "send the plain values it consists of"


def _article(word: str) -> str:
    return "an" if word[:1].lower() in "aeio" else "a"


def _find(value: Any, path: str, depth: int = 0) -> tuple[Any, str]:
    """The first part that is not plain, and where it is."""
    parts: list[tuple[Any, str]] = []
    if value.__class__ is dict:
        parts = [(part, f"{path}[{key!r}]") for key, item in value.items() for part in (key, item)]
    elif value.__class__ in (list, tuple):
        parts = [(item, f"{path}[{i}]") for i, item in enumerate(value)]
    for part, where in parts:
        if depth < _DEEPEST and not is_plain(part):
            return _find(part, where, depth + 1)
    return value, path
