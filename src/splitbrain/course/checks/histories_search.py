"""Lab 05, the search: the same judge on histories that brute force cannot judge, with its questions counted."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from splitbrain.course.checks.histories_judges import (
    Judge,
    StepsUsedUp,
    ask,
    compare,
    judge,
)
from splitbrain.course.checks.histories_tiny import ask_queue, queue, register, tiny_histories
from splitbrain.course.feedback import Wrong, exercise
from splitbrain.records import OK, UNKNOWN, VIOLATED, History, Operation
from splitbrain.views import timeline

MANY = 20_000  # questions, for `questions`
PATIENCE = 20  # times as many questions as a search needs that looks at every state once


@exercise("05_histories", "search", title="The idea that makes it fast", lines=15, seconds=10, hints=(
    "Lay one operation after the other. Which may come next? Those that no other one, not yet laid, was over before. "
    "Turn back at the first wrong answer: all orders that begin so are done with at once.",
    "You come to the same place by many ways: the same operations are left, and the object is in the same state. What "
    "follows is then the same. Keep a set of such places, and turn back when you have been there.",
    "A recursion `place(left, state)` with `left` a frozenset of positions in the list: True when no ok operation is "
    "left; False when `(left, state)` is in the set; else put it there, and try each that may come next, with "
    "`place(left - {i}, after)`."))
def check_search(search: Judge, *, history: str | None = None) -> str:
    """`history`: judge this sketch only."""
    if history is not None:
        compare(search, "search", [History.from_sketch(history)])
        return "on this history you say what the course's checker says."
    compare(search, "search", tiny_histories(every=3))
    compare(search, "search", tiny_histories(ask_queue, every=10), step=queue, first=())
    larger = list(_larger())
    most = max(_count(search, one) for one in larger)
    return (f"on {len(larger)} histories of up to {max(map(len, larger))} operations you say what the course's checker "
            f"says, and never ask step more than {most:,} times.")


def _count(search: Judge, history: History) -> int:
    """How many questions the search asks; judged, and stopped when they are too many."""
    most = PATIENCE * _questions(history)
    asked: list[tuple] = []

    def step(state: Any, operation: Operation) -> tuple[bool, Any]:
        if len(asked) >= most:
            raise StepsUsedUp
        asked.append((state, operation.index))
        return register(state, operation)

    try:
        said = ask(search, "search", history, step, None)
    except StepsUsedUp:
        raise _too_slow(history, asked) from None
    verdict = judge(history)
    if said != (verdict.status == OK):
        raise Wrong(f"On a history of {len(history)} operations search finds {'an' if said else 'no'} order: "
                    f"{verdict.explanation}.", expected=verdict.status == OK, got=said,
                    picture=timeline(history, witness=verdict if verdict.status == VIOLATED else None))
    return len(asked)


def _too_slow(history: History, asked: list[tuple]) -> Wrong:
    return Wrong(
        f"On a history of {len(history)} operations, at most {_width(history)} of them at a time, search has asked "
        f"step {len(asked):,} times and is not done. That is {PATIENCE} times what it takes to look at every state "
        f"once.\nIt asks the same things again and again: of its questions, {len(set(asked)):,} were different ones.",
        expected=f"at most {len(asked):,} questions", got="more", picture=timeline(history))


def questions(judge: Judge, writes: int) -> str:
    """How often a judge asks step about so many writes at once and a read of what nobody wrote; a line of text."""
    asked = 0

    def step(state: Any, operation: Operation) -> tuple[bool, Any]:
        nonlocal asked
        asked += 1
        if asked > MANY:
            raise StepsUsedUp
        return register(state, operation)

    told = [f"c{i}  [write {i} -----]" for i in range(writes)]
    wrong = History.from_sketch("\n".join([*told, "z                   [read -> 99]"]))
    try:
        judge(list(wrong), step, None)
        return f"{writes} writes: {asked:,} questions"
    except StepsUsedUp:
        return f"{writes} writes: more than {MANY:,} questions"
    except Exception as error:  # not written yet, or not right yet; the check says more
        return f"{writes} writes: {type(error).__name__}"


def _width(history: History) -> int:
    return max(sum(o.start <= one.start and (o.end is None or o.end > one.start) for o in history) for one in history)


def _questions(history: History) -> int:
    """What a search asks that looks at every state once, and stops at none: breadth first."""
    operations = [o for o in history if o.status != "fail"]
    seen, asked = {(frozenset(range(len(operations))), None)}, 0
    places = list(seen)
    while places:
        left, state = places.pop()
        for i in _next(left, operations):
            asked += 1
            right, after = register(state, operations[i])
            place = left - {i}, after
            if right and place not in seen:
                seen.add(place)
                places.append(place)
    return asked


def _next(left: frozenset[int], operations: list[Operation]) -> list[int]:
    first_end = min((operations[i].end for i in left if operations[i].end is not None), default=float("inf"))
    return [i for i in sorted(left) if operations[i].start < first_end]


def _larger() -> Iterator[History]:
    """Long ones that are right, the same with one wrong answer, and crowds in which everything overlaps."""
    for seed in range(4):
        yield (right := _long(Random(seed), 40))
        yield _spoiled(right)
    for writers in (7, 8, 9):
        yield _crowd(writers, last=1)
        yield _crowd(writers, last=0)


def _long(dice: Random, length: int) -> History:
    """What a real register tells four clients; two of their writes get no answer."""
    state, place, running, told = None, 0, {}, []
    while len(told) < length or running:
        process = "abcd"[int(dice.random() * 4)]
        entry = running.pop(process, None)
        if entry is None and len(told) < length:
            writes = dice.random() < 0.5
            entry = {"process": process, "f": "write" if writes else "read", "index": len(told), "start": place,
                     "value": int(dice.random() * 4) if writes else None, "invoked": float(place)}
            running[process] = entry
            told.append(entry)
        elif entry is not None:         # it takes effect at its end
            lost = entry["f"] == "write" and entry["index"] in (length // 3, length // 3 + 1, length // 2)
            state = entry["value"] if entry["f"] == "write" else state
            entry |= {"returned": float(place), "status": UNKNOWN if lost else OK, "end": None if lost else place,
                      "result": state if entry["f"] == "read" else None}
        place += 1
    return History(Operation(**entry) for entry in told)


def _spoiled(history: History) -> History:
    """The last read has read what was never written."""
    last = history.where(f="read", status=OK)[-1]
    return History(o if o is not last else Operation(**{name: getattr(o, name) for name in o.__slots__} | {"result": 9})
                   for o in history)


def _crowd(writers: int, *, last: int) -> History:
    """All write at once, two and two the same value; then one reads 0, and then `last`."""
    told = [Operation(f"c{i}", "write", None, i // 2, invoked=float(i), returned=float(writers + i), start=i,
                      end=writers + i, index=i) for i in range(writers)]
    for n, value in enumerate((0, last)):
        at = 2 * writers + 2 * n
        told.append(Operation("z", "read", None, None, value, invoked=float(at), returned=at + 1.0, start=at,
                              end=at + 1, index=writers + n))
    return History(told)
