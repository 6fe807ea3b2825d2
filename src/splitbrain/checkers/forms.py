"""What operations must look like before a checker can judge them, and how it is said where one does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from splitbrain.records import OK, Operation, short


class Malformed(ValueError):
    """An operation that the checker cannot judge. `position` is that of the event, as `Operation.start` counts."""

    def __init__(self, sentence: str, position: int):
        super().__init__(sentence)
        self.position = position


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value: how it is called, and whether a value is one.

    >>> NUMBER.fits(1.5), NUMBER.fits(True), PAIR.fits([1, 2])
    (True, False, True)
    """

    name: str
    fits: Callable[[Any], bool]


def _number(value: Any) -> bool:
    # Whoever adds up larger ones, or takes them for floats, comes to infinity; it and NaN are none either.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def _balances(value: Any) -> bool:
    held = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else [""]
    return all(balance is None or _number(balance) for balance in held)


def amount(number: float) -> str:
    """A sum in a sentence, without the last digits of a float, which depend on the order of adding.

    >>> amount(0.1 + 0.2), amount(10**20)
    ('0.3', '100000000000000000000')
    """
    return f"{number:.12g}" if isinstance(number, float) else str(number)


NUMBER = Kind("a number", _number)
TEXT = Kind("a string", lambda value: isinstance(value, str))
PAIR = Kind("a pair [old, new]", lambda value: isinstance(value, list | tuple) and len(value) == 2)
MESSAGE = Kind("a message, and null would say that the queue is empty", lambda value: value is not None)
LIST = Kind("a list", lambda value: isinstance(value, list | tuple))
ELEMENTS = Kind("the list of what is in the set", lambda value: isinstance(value, list | tuple | set | frozenset))
BALANCES = Kind("an object of account: balance, or a list of balances", _balances)


def require(history: Iterable[Operation], *, name: str, functions: Iterable[str],
            asked: Mapping[str, Kind] | None = None, told: Mapping[str, Kind] | None = None) -> None:
    """Refuse operations that are not of this form.

    Parameters
    ----------
    history : iterable of Operation
    name : str
        Of the model or the checker, as the sentence calls it.
    functions : iterable of str
        The functions that there are; if empty, any.
    asked, told : mapping
        For a function, the `Kind` of its value, and of its answer where there is one.

    Raises
    ------
    Malformed
        For the first operation that is not as it has to be.
    """
    functions, asked, told = frozenset(functions), asked or {}, told or {}
    for o in history:
        if functions and o.f not in functions:
            known = ", ".join(sorted(functions))
            raise Malformed(f"the model {name} knows {known}, not {o.f!r} ({short(str(o), 80)})", o.start)
        if o.f in asked and not asked[o.f].fits(o.value):
            raise Malformed(f"the value of {o.f} is {asked[o.f].name}, not {short(o.value)}", o.start)
        if o.status == OK and o.end is None:
            raise Malformed(f"what was answered has an end, and this has none: {short(str(o), 80)}", o.start)
        if o.f in told and o.status == OK and not told[o.f].fits(o.result):
            raise Malformed(f"the answer of {o.f} is {told[o.f].name}, not {short(o.result)}", o.end)

