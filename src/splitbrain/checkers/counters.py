"""Counters: every read within the bounds of what may have been added. By Jepsen's rule, which needs no search."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from splitbrain.checkers.explain import first_few, plural, told
from splitbrain.checkers.forms import NUMBER, amount, require
from splitbrain.checkers.values import frozen
from splitbrain.records import FAIL, OK, VIOLATED, Operation, Verdict, Witness


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a read may have answered: from `low` to `high`, both included."""

    read: Operation
    low: float
    high: float

    @property
    def kept(self) -> bool:
        # Sums of fractions differ in their last digits with the order of adding.
        numbers = (self.low, self.read.result, self.high)
        slack = 1e-9 * max(map(abs, numbers)) if any(isinstance(n, float) for n in numbers) else 0
        return self.low - slack <= self.read.result <= self.high + slack


def counter(history: Iterable[Operation]) -> Verdict:
    """Judge whether each read of a counter is one that the additions allow.

    Parameters
    ----------
    history : iterable of Operation
        ``add`` with a number, ``read``. Every key is a counter of its own, initially 0.

    Returns
    -------
    Verdict
        ``violated`` if some read is out of its bounds. ``ok`` says no more than that none is: reads that go down
        although nothing was taken away, say, may lie within their bounds.

    Raises
    ------
    ValueError
        If there are other functions than these, or values that are no numbers.

    Notes
    -----
    What was added and acknowledged before the read began is in it; what was not yet begun when it ended is not; in
    between, and of what is of unknown outcome, it may have seen any part. These are the bounds of Jepsen's counter
    checker, which knows additions only; here one of a negative number widens the lower bound as one of a positive
    number does the upper.

    Examples
    --------
    >>> add = Operation("c1", "add", value=5, start=0, end=1)
    >>> print(counter([add, Operation("c2", "read", result=0, start=2, end=3, index=1)]))
    violated: c2 read 0, but at least 5 had been added by then: c1 called add(5)
    """
    history = tuple(history)
    found = bounds(history)
    for bound in found:
        if not bound.kept:
            low = bound.read.result < bound.low
            limit = f"at least {amount(bound.low)}" if low else f"at most {amount(bound.high)}"
            few = _enough(history, bound, low)
            sentence = f"{told(bound.read)}, but {limit} {'had' if low else 'can have'} been added by then"
            sentence += f": {first_few([*map(told, few)], between='; ')}" if few else ""
            return Verdict(VIOLATED, sentence, "counter", Witness((*few, bound.read)))
    return Verdict(OK, f"each of the {plural(len(found), 'read')} is within its bounds", "counter")


def bounds(history: Iterable[Operation]) -> list[Bounds]:
    """What each read that was answered may have seen, in the order of the answers."""
    history = tuple(history)
    require(history, name="counter", functions=("add", "read"), asked={"add": NUMBER}, told={"read": NUMBER})
    counters: dict[Any, list[Operation]] = {}
    for o in history:
        counters.setdefault(frozen(o.key), []).append(o)
    found = [bound for own in counters.values() for bound in _bounds(own)]
    return sorted(found, key=lambda bound: bound.read.end)


def _bounds(operations: Sequence[Operation]) -> list[Bounds]:
    adds = [o for o in operations if o.f == "add" and o.status != FAIL]
    reads = [o for o in operations if o.f == "read" and o.status == OK]
    done = _Sums([(o.end, o.value) for o in adds if o.status == OK])
    # What was taken away counts as soon as it may have happened, and what was added only once it has.
    plus_done = _Sums([(o.end, o.value) for o in adds if o.status == OK and o.value > 0])
    minus_begun = _Sums([(o.start, o.value) for o in adds if o.value < 0])
    plus_begun = _Sums([(o.start, o.value) for o in adds if o.value > 0])
    found = []
    for read in reads:
        positive, all_done = plus_done.before(read.start), done.before(read.start)
        found.append(Bounds(read, positive + minus_begun.before(read.end),
                            plus_begun.before(read.end) + all_done - positive))
    return found


class _Sums:
    """How much had come together before a moment."""

    def __init__(self, dated: list[tuple[float, Any]]):
        dated.sort(key=lambda pair: pair[0])
        self._moments = [moment for moment, _ in dated]
        self._sums = [0, *accumulate(amount for _, amount in dated)]

    def before(self, moment: float) -> Any:
        return self._sums[bisect_left(self._moments, moment)]


def _enough(history: Sequence[Operation], bound: Bounds, low: bool) -> list[Operation]:
    """The fewest additions, surely done, that put the read out of its bounds whether or not all others happened."""
    own = [o for o in history if o.f == "add" and frozen(o.key) == frozen(bound.read.key) and o.status != FAIL]
    sign = 1 if low else -1  # for a read that is too high the same with all signs turned
    against = [sign * o.value for o in own if sign * o.value < 0 and o.start < bound.read.end]
    done = [o for o in own if o.status == OK and sign * o.value > 0 and o.end < bound.read.start]
    total, few = sum(against), []
    for o in sorted(done, key=lambda o: -sign * o.value):
        if total <= sign * bound.read.result:
            few.append(o)
            total += sign * o.value
    return sorted(few, key=lambda o: o.start)
