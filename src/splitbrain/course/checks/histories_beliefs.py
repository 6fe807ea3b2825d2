"""Lab 05, misconceptions: what people believe of histories, each as a judge of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import combinations, permutations
from typing import Any

from splitbrain.course.checks.histories_tiny import register
from splitbrain.records import FAIL, OK, UNKNOWN, History, Operation


def misconception(judged: list[History], said: list[bool]) -> str:
    """The sentence for the first misconception that explains all of the answers, or ""."""
    for sentence, believes in MISCONCEPTIONS:
        if all(believes(history) == answer for history, answer in zip(judged, said, strict=True)):
            return f"Your answers are those of a judge for whom {sentence}."
    return ""


def _explained(sure: list[Operation], perhaps: list[Operation] = (), *, before: Callable | None = None) -> bool:
    """By the definition: is there an order of these, with some of those that may have happened."""
    before = before or (lambda a, b: a.end is not None and a.end < b.start)
    return any(_right(order) and not any(before(b, a) for a, b in combinations(order, 2))
               for n in range(len(perhaps) + 1) for some in combinations(perhaps, n)
               for order in permutations([*sure, *some]))


def _right(order: Iterable[Operation]) -> bool:
    state = None
    for o in order:
        right, state = register(state, o)
        if not right:
            return False
    return True


def _told(history: History, *statuses: str) -> list[Operation]:
    return [o for o in history if o.status in statuses]


def _until_given_up(operations: list[Operation]) -> list[Operation]:
    return [replace(o, end=int(o.returned)) if o.end is None else o for o in operations]


def _of_one_client(a: Operation, b: Operation) -> bool:
    return a.process == b.process and a.start < b.start and a.status == OK


def _one_row(key: Callable[[Operation], Any]) -> Callable[[History], bool]:
    def believes(history: History) -> bool:
        return _right(sorted(_told(history, OK), key=key))

    return believes


# That an unknown operation certainly happened, at any time, is no mistake here: it has no end, so it can come last.
MISCONCEPTIONS: list[tuple[str, Callable[[History], bool]]] = [
    ("an operation that failed may have happened all the same",
     lambda h: _explained(_told(h, OK), _told(h, FAIL, UNKNOWN))),
    ("an operation that failed happened all the same", lambda h: _explained(_told(h, OK, FAIL), _told(h, UNKNOWN))),
    ("an operation of unknown outcome never happened", lambda h: _explained(_told(h, OK))),
    ("an operation of unknown outcome certainly happened, before the client gave up",
     lambda h: _explained(_until_given_up(_told(h, OK, UNKNOWN)))),
    ("an operation of unknown outcome can only have happened before the client gave up",
     lambda h: _explained(_told(h, OK), _until_given_up(_told(h, UNKNOWN)))),
    ("real time does not count", lambda h: _explained(_told(h, OK), _told(h, UNKNOWN), before=lambda a, b: False)),
    ("only each client's own order counts: that is sequential consistency",
     lambda h: _explained(_told(h, OK), _told(h, UNKNOWN), before=_of_one_client)),
    ("operations take effect in the order in which they begin", _one_row(lambda o: o.start)),
    ("operations take effect in the order in which they end", _one_row(lambda o: o.end)),
]
"""What people believe, as judges of their own."""
