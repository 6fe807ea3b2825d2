"""The search for an order: Wing and Gong's, with Lowe's memory, over a sliding window.

A state of the search is which operations have been placed, and the state of the object after them. From there an
operation may be placed next if every operation that was over before it began has been placed. Wing and Gong
(1993, section 4) try those in turn; Lowe (2017, section 3) remembers the states that led nowhere.

Five things keep the search small, and none of them changes its answer:

- Of the placed operations a window is remembered: before it all are placed, behind it none.
- A read that may be placed, and is right in the present state, is placed at once: as it changes nothing, an order
  that has it later is still an order with it here.
- An operation of unknown outcome need not be placed: it is tried last, and only where it changes the state.
- Two of unknown outcome that ask for the same are interchangeable: the one that began first goes first.
- Of two states that differ only in which operations of unknown outcome were placed, the one that has placed more,
  and all that the other has, can be left: the other still may do whatever it can.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from splitbrain.checkers.models import ANY, Model, frozen
from splitbrain.records import OK, Operation

INFINITY = float("inf")
_NONE = (0,)  # one object for all: a tuple for every state would cost as much memory again


class Search:
    """The search for one object's order. Iterating over it does the work, one state of the search at a time.

    Below, k counts the operations that must be placed (those that are ``ok``) and ~j those that may be (of
    unknown outcome), each in the order of their beginnings.

    Attributes
    ----------
    order : list of Operation or None
        After the iteration: the order found, or None if there is none.
    stuck : Operation or None
        If there is none: the operation such that an order exists up to just before it ended, and none up to its
        end. Whatever began later is innocent.
    """

    def __init__(self, operations: Sequence[Operation], model: Model):
        by_start = sorted(operations, key=lambda o: o.start)
        self.required = [o for o in by_start if o.status == OK]
        self.optional = [o for o in by_start if o.status != OK and o.f not in model.reads]
        self.order: list[Operation] | None = None
        self.stuck: Operation | None = None
        self._model = model
        self._pure = [o.f in model.reads for o in self.required]
        self._calls = [(o.f, frozen(o.value), frozen(o.result)) for o in self.required]
        self._maybe = [(o.f, frozen(o.value), ANY) for o in self.optional]
        self._twin = _twins(self._maybe)
        self._furthest = 0
        self._memory: dict[tuple, tuple[int, ...]] = {}
        self._link()

    def _link(self) -> None:
        # A doubly linked list of beginnings (k) and ends (~k) in their order, between a head and a tail.
        ends = [INFINITY if o.end is None else o.end for o in self.required]
        events = sorted([(o.start, 0, k) for k, o in enumerate(self.required)]
                        + [(end, 1, ~k) for k, end in enumerate(ends)])
        self._what = [-1, *(what for _, _, what in events), -1]
        self._time = [-INFINITY, *(time for time, _, _ in events), INFINITY]
        self._next = list(range(1, len(events) + 3))
        self._previous = list(range(-1, len(events) + 1))
        self._tail = len(events) + 1
        self._begin, self._end = [0] * len(ends), [0] * len(ends)
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
        if choice is not None and choice >= 0:
            self._lift(choice)
        following, step, node = self._next, self._model.step, self._next[0]
        while (k := self._what[node]) >= 0:
            if self._pure[k] and step(state, *self._calls[k])[0]:
                self._lift(k)
                placed.append(k)
                node = self._previous[node]
            node = following[node]
        for k in placed:
            if k >= 0:
                window |= 1 << (k - base)
        ones = (~window & (window + 1)).bit_length() - 1
        return (base + ones, window >> ones, state), used, placed, self._choices(state, used)

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

    def _choices(self, state: Any, used: int) -> Iterator[tuple[int, Any, int]]:
        """What may be placed next: (operation, state of the object after it, optional operations used by then)."""
        following, step, node = self._next, self._model.step, self._next[0]
        while (k := self._what[node]) >= 0:
            right, after = step(state, *self._calls[k])
            if right:
                yield k, after, used
            node = following[node]
        # Here is the first end of an unplaced operation: whatever begins behind it has to wait.
        self._furthest = max(self._furthest, node)
        for j, operation in enumerate(self.optional):
            if operation.start > self._time[node]:
                return
            twin = self._twin[j]
            if used >> j & 1 or (twin >= 0 and not used >> twin & 1):
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


def _twins(calls: Sequence[tuple]) -> list[int]:
    """For each call the place of the last equal one before it, or -1."""
    last: dict[tuple, int] = {}
    twins = []
    for j, call in enumerate(calls):
        twins.append(last.get(call[:2], -1))
        last[call[:2]] = j
    return twins
