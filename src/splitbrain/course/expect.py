"""Says what is wrong with the *type* of an answer, and which slip it looks like.

>>> expect([("x", 1)], list[tuple[str, int]], of="pairs()")
[('x', 1)]
>>> expect(None, list[tuple[str, int]], "a list of (key, value) pairs", of="pairs()")
Traceback (most recent call last):
splitbrain.course.outcomes.Wrong: Wrong.
<BLANKLINE>
pairs() returns None: is there a `return` missing?
<BLANKLINE>
  expected  a list of (key, value) pairs
  got       None
"""

from __future__ import annotations

import inspect
import sqlite3
import types
import typing
from typing import Any

from splitbrain.course.outcomes import NotAttempted, Wrong, show

_NAMES = {int: "a whole number", float: "a number", str: "a string", bool: "True or False", bytes: "bytes",
          list: "a list", dict: "a dict", tuple: "a tuple", set: "a set", type(None): "None", Any: "anything"}


def expect(value: Any, shape: Any, says: str | None = None, *, of: str = "your answer") -> Any:
    """Return `value` if it has the shape, or say how it differs.

    Parameters
    ----------
    value : Any
        What the learner's code gave.
    shape : type
        As in an annotation: ``int``, ``list[int]``, ``tuple[str, int]``, ``dict[str, float]``, ``int | None``.
        A bool is no int here, an int is a float.
    says : str, optional
        The shape in words; made from `shape` if not given.
    of : str
        Where the value is from: ``transfer(...)``.

    Raises
    ------
    NotAttempted
        The value is ``...``.
    Wrong
        It has another shape; the message names the likely slip.
    """
    if value is ...:
        raise NotAttempted()
    if type(value).__module__ == "numpy" and getattr(value, "ndim", None) == 0:
        value = value.item()  # numpy's True is as good as Python's
    problem = _mismatch(value, shape)
    if problem is None:
        return value
    slip = _slip(value)
    verb = "is" if of == "your answer" else "returns"
    found = f"{of} {verb} {_describe(value)}" if problem == "" else f"{of} {verb} the wrong thing: {problem}"
    sentence = f"{found}{slip}" if slip and problem == "" else f"{found}."
    raise Wrong(sentence[0].upper() + sentence[1:] if of == "your answer" else sentence,
                expected=says or words(shape), got=repr(value) if isinstance(value, str) else value)


def words(shape: Any) -> str:
    """A shape in words.

    >>> words(dict[str, list[int]])
    'a dict of a string to (a list of whole numbers)'
    """
    origin, arguments = typing.get_origin(shape), typing.get_args(shape)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(words(a) for a in arguments)
    if origin is tuple and arguments:
        return f"a tuple ({', '.join(words(a) for a in arguments if a is not ...)}{', ...' * (... in arguments)})"
    if origin is dict:
        return f"a dict of {words(arguments[0])} to {_nested(arguments[1])}"
    if origin in (list, set):
        return f"a {origin.__name__} of {_plural(arguments[0])}"
    return _NAMES.get(shape) or f"a {getattr(shape, '__name__', shape)}"


def _nested(shape: Any) -> str:
    return f"({words(shape)})" if typing.get_args(shape) else words(shape)


def _plural(shape: Any) -> str:
    plurals = {int: "whole numbers", float: "numbers", str: "strings", bytes: "bytes objects"}
    return plurals.get(shape) or f"({words(shape)})"


def _mismatch(value: Any, shape: Any) -> str | None:
    """None if it fits, "" if the value as a whole does not, else a sentence about the part that does not."""
    origin, arguments = typing.get_origin(shape), typing.get_args(shape)
    if shape is Any:
        return None
    if origin in (typing.Union, types.UnionType):
        return None if any(_mismatch(value, a) is None for a in arguments) else ""
    if shape in (int, float) and isinstance(value, bool):
        return ""
    if shape is None or not isinstance(value, (int, float) if shape is float else origin or shape):
        return None if value is None and shape is None else ""
    if origin is dict:
        parts = [(f"the key {show(repr(k))}", k, arguments[0]) for k in value]
        parts += [(f"the value of {show(repr(k))}", v, arguments[1]) for k, v in value.items()]
    elif origin is tuple and ... not in arguments:
        if len(value) != len(arguments):
            return f"a tuple of {len(value)} instead of {len(arguments)}"
        parts = [(f"part {i} (from 0)", v, a) for i, (v, a) in enumerate(zip(value, arguments, strict=True))]
    else:
        parts = [(f"item {i} (from 0)", v, arguments[0]) for i, v in enumerate(value)] if arguments else []
    return _first_problem(parts)


def _first_problem(parts: list[tuple[str, Any, Any]]) -> str | None:
    for name, part, shape in parts:
        problem = _mismatch(part, shape)
        if problem is not None:
            return f"{name} is {_describe(part)}, not {words(shape)}" if problem == "" else f"in {name}, {problem}"
    return None


def _describe(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return repr(value)
    if isinstance(value, types.FunctionType | types.MethodType):
        return f"the function {value.__name__} itself"
    kind = type(value).__name__
    name = _NAMES.get(type(value)) or f"{'an' if kind[0].lower() in 'aeiou' else 'a'} {kind}"
    return f"{name} ({show(repr(value))})" if isinstance(value, int | float | str) else name


def _slip(value: Any) -> str:
    """The usual reason for getting such a value."""
    if value is None:
        return ": is there a `return` missing?"
    if isinstance(value, types.FunctionType | types.MethodType):
        return f": is there a call missing, `{value.__name__}(...)`?"
    if inspect.iscoroutine(value):
        value.close()
        return ": is there an `await` missing?"
    if isinstance(value, types.GeneratorType):
        return ": `list(...)` makes a list of it."
    if isinstance(value, sqlite3.Cursor):
        return ": is there a `.fetchall()` or `.fetchone()` missing?"
    if isinstance(value, sqlite3.Row):
        return ": `tuple(row)` makes a tuple of it."
    return "."
