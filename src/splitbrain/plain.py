"""Plain data: what a message may carry. None, bool, int, float, str, bytes; lists, tuples and dicts of these.

A message is serialised with ``marshal.dumps(body, 2)``: the fastest there is, and with version 2 the bytes do not
depend on which objects are shared. But marshal lets sets and code through, and turns a bytearray into bytes, so
what is no scalar is looked at here first.
"""

from __future__ import annotations

from typing import Any

_SCALARS = (bool, int, float, str, bytes, type(None))


def is_plain(value: Any, depth: int = 0) -> bool:
    """Whether a value is plain data, all the way down (to 100 levels).

    >>> is_plain({"x": [1, 2.5, None]}), is_plain({1, 2})
    (True, False)
    """
    kind = value.__class__
    if kind in _SCALARS:
        return True
    if depth > 100:
        return False
    if kind is dict:
        return all(is_plain(k, depth + 1) and is_plain(v, depth + 1) for k, v in value.items())
    return kind in (list, tuple) and all(is_plain(item, depth + 1) for item in value)


def explain_body(value: Any, where: str) -> str:
    """The sentence for a body that is not plain data: which part, and what to send instead."""
    culprit, path = _find(value, "")
    kind = type(culprit).__name__
    advice = {
        "set": "send sorted(...) of it, a list", "frozenset": "send sorted(...) of it, a list",
        "bytearray": "send bytes(...) of it", "coroutine": "await it first", "Future": "await it first",
        "Task": "await it first", "defaultdict": "send dict(...) of it", "Counter": "send dict(...) of it",
        "Row": "send dict(...) of it", "generator": "send list(...) of it",
    }.get(kind, "send the plain values it consists of")
    return (f"{where} with a {kind}{f' (at {path})' if path else ''}. A message carries plain data only (None, bool, "
            f"int, float, str, bytes; lists, tuples and dicts of these), because nodes share no objects: {advice}")


def _find(value: Any, path: str, depth: int = 0) -> tuple[Any, str]:
    if depth < 100:
        parts = ()
        if value.__class__ is dict:
            parts = [(part, f"{path}[{key!r}]") for key, item in value.items() for part in (key, item)]
        elif value.__class__ in (list, tuple):
            parts = [(item, f"{path}[{i}]") for i, item in enumerate(value)]
        for part, where in parts:
            if not is_plain(part):
                return _find(part, where, depth + 1)
    return value, path
