"""The search for an order: Wing and Gong's, with Lowe's memory, over a sliding window.

A state of the search is which operations have been placed, and the state of the object after them. From there an
operation may be placed next if every operation that was over before it began has been placed. Wing and Gong
(1993) try those in turn; Lowe (2017) remembers the states that led nowhere.

These things keep the search small, and none of them changes its answer:

- Of the placed operations a window is remembered: before it all are placed, behind it none.
- A read that may be placed, and is right in the present state, is placed at once: as it changes nothing, an order
  that has it later is still an order with it here. (Not so while a loose operation could still come before it.)
- An operation of unknown outcome need not be placed: it is tried last, and only where it changes the state.
- Two operations that ask for the same and get the same are interchangeable: where one began first and ended
  first, it goes first.
- Of two states that differ only in which operations of unknown outcome were placed, the one that has placed more,
  and all that the other has, can be left: the other still may do whatever it can.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any

from splitbrain.checkers.models import ANY, Model
from splitbrain.checkers.values import frozen
from splitbrain.records import OK, Operation

INFINITY = float("inf")
_NONE = (0,)  # one object for all: a tuple for every state would cost as much memory again


class Search:
    """The search for one object's order. Iterating over it does the work, one state of the search at a time.

    Below, k counts the operations that must be placed (those that are ``ok``) in the order of their beginnings,
    and ~j those that may be, in the order of their ends; those of unknown outcome never end.

    Parameters
    ----------
    operations : sequence of Operation
        Of one object; those that are not ``ok`` are of unknown outcome (failed ones do not belong here).
    model : Model
    loose : sequence of Operation
        Further ones that may or may not have happened, but if they did, then between their beginning and end, and,
        where they are ``ok``, with that answer.

    Attributes
    ----------
    order : list of Operation or None
        After the iteration: the order found, or None if there is none.
    stuck : Operation or None
        If there is none: the operation whose end no order gets past, and the first of which this is so. Whatever
        began later is innocent.
    """

    def __init__(self, operations: Sequence[Operation], model: Model, *, loose: Sequence[Operation] = ()):
        self.required = sorted((o for o in operations if o.status == OK), key=_start)
        maybe = [(INFINITY, o) for o in operations if o.status != OK]
        maybe += [(INFINITY if o.end is None else o.end, o) for o in loose]
        maybe = sorted((pair for pair in maybe if pair[1].f not in model.reads), key=lambda p: (p[0], p[1].start))
        self.optional = [o for _, o in maybe]
        self.order: list[Operation] | None = None
        self.stuck: Operation | None = None
        self._model = model
        self._pure = [o.f in model.reads for o in self.required]
        self._calls = [(o.f, frozen(o.value), frozen(o.result)) for o in self.required]
        self._maybe = [(o.f, frozen(o.value), frozen(o.result) if o.status == OK else ANY) for o in self.optional]
        self._ends = [INFINITY if o.end is None else o.end for o in self.required]
        self._deadlines = [end for end, _ in maybe]
        self._twin = _twins(self._calls, self.required, self._ends)
        self._maybe_twin = _twins(self._maybe, self.optional, self._deadlines)
        self._furthest = 0
        self._memory: dict[tuple, tuple[int, ...]] = {}
        self._link()

    def _link(self) -> None:
        # A doubly linked list of beginnings (k) and ends (~k) in their order, between a head and a tail.
        events = sorted([(o.start, 0, k) for k, o in enumerate(self.required)]
                        + [(end, 1, ~k) for k, end in enumerate(self._ends)])
        self._what = [-1, *(what for _, _, what in events), -1]
        self._time = [-INFINITY, *(time for time, _, _ in events), INFINITY]
        self._next = list(range(1, len(events) + 3))
        self._previous = list(range(-1, len(events) + 1))
        self._tail = len(events) + 1
        self._begin, self._end = [0] * len(self._ends), [0] * len(self._ends)
        for node, (_, _, what) in enumerate(events, 1):
            if what >= 0:
                self._begin[what] = node
            else:
                self._end[~what] = node

    def __iter__(self) -> Iterator[None]:
        trail = [self._arrive(None, self._model.initial, 0, 0, 0)]
        self._seen(*trail[0][:2])
        while trail:
            (base, window, _), _, placed, choices = trail[-1]
            if self._next[0] == self._tail:
                self.order = [self._operation(i) for _, _, placed, _ in trail for i in placed]
                return
            for choice, state, used in choices:
                there = self._arrive(choice, state, used, base, window)
                if not self._seen(*there[:2]):
                    trail.append(there)
                    yield
                    break
                self._take_back(there[2])
            else:
                self._take_back(placed)
                trail.pop()
        self.stuck = self.required[~self._what[self._furthest]]

    def _arrive(self, choice: int | None, state: Any, used: int, base: int, window: int) -> tuple:
        """Place what was chosen and the reads that may follow it at once; give the state of the search there."""
        placed = [] if choice is None else [choice]
        if choice is not None:
            used |= self._too_late(self._operation(choice).start)
        if choice is not None and choice >= 0:
            self._lift(choice)
        following, step, node = self._next, self._model.step, self._next[0]
        while (k := self._what[node]) >= 0:
            if self._pure[k] and step(state, *self._calls[k])[0] and not self._too_late(self.required[k].start) & ~used:
                self._lift(k)
                placed.append(k)
                node = self._previous[node]
            node = following[node]
        for k in placed:
            if k >= 0:
                window |= 1 << (k - base)
        ones = (~window & (window + 1)).bit_length() - 1
        place = base + ones, window >> ones, state
        return place, used, placed, self._choices(*place, used)

    def _too_late(self, start: float) -> int:
        """The optional operations that were over at this moment: past it they count as used."""
        return (1 << bisect_left(self._deadlines, start)) - 1

    def _seen(self, place: tuple, used: int) -> bool:
        """Whether the search was here before, with no more optional operations used; from now on it was."""
        before = self._memory.get(place)
        if before is None:
            self._memory[place] = (used,) if used else _NONE
            return False
        if any(u & used == u for u in before):
            return True
        self._memory[place] = (*(u for u in before if u & used != used), used)
        return False

    def _choices(self, base: int, window: int, state: Any, used: int) -> Iterator[tuple[int, Any, int]]:
        """What may be placed next: (operation, state of the object after it, optional operations used by then)."""
        following, step, node = self._next, self._model.step, self._next[0]
        while (k := self._what[node]) >= 0:
            twin = self._twin[k] - base
            if twin < 0 or window >> twin & 1:
                right, after = step(state, *self._calls[k])
                if right:
                    yield k, after, used
            node = following[node]
        # Here is the first end of an unplaced operation: whatever begins behind it has to wait.
        self._furthest = max(self._furthest, node)
        for j in range((~used & (used + 1)).bit_length() - 1, len(self.optional)):
            twin = self._maybe_twin[j]
            if used >> j & 1 or self.optional[j].start > self._time[node] or (twin >= 0 and not used >> twin & 1):
                continue
            right, after = step(state, *self._maybe[j])
            if right and after != state:
                yield ~j, after, used | 1 << j

    def _lift(self, k: int) -> None:
        following, previous = self._next, self._previous
        for node in (self._begin[k], self._end[k]):
            following[previous[node]] = following[node]
            previous[following[node]] = previous[node]

    def _take_back(self, placed: list[int]) -> None:
        following, previous = self._next, self._previous
        for k in reversed(placed):
            if k >= 0:
                for node in (self._end[k], self._begin[k]):
                    following[previous[node]] = node
                    previous[following[node]] = node

    def _operation(self, i: int) -> Operation:
        return self.required[i] if i >= 0 else self.optional[~i]


def _twins(calls: Sequence[tuple], operations: Sequence[Operation], ends: Sequence[float]) -> list[int]:
    """For each call the place of the last equal one before it that neither began nor ended later, or -1."""
    same: dict[tuple, list[int]] = {}
    twins = []
    for k, (f, value, result) in enumerate(calls):
        earlier = same.setdefault((f, value, result is ANY, None if result is ANY else result), [])
        twins.append(next((i for i in reversed(earlier)
                           if ends[i] <= ends[k] and operations[i].start <= operations[k].start), -1))
        earlier.append(k)
    return twins


def _start(operation: Operation) -> int:
    return operation.start
