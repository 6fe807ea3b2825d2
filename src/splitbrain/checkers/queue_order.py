"""Order of messages: what came out of a queue, and whether it came in the order in which it went in.

A queue with several consumers keeps no total order, and need not. What many promise is that the messages of one
producer do not overtake each other.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any

from splitbrain.checkers.explain import plural, who
from splitbrain.checkers.forms import LIST, MESSAGE, require
from splitbrain.checkers.values import frozen
from splitbrain.records import FAIL, OK, VIOLATED, Operation, Verdict, Witness

INFINITY = float("inf")
Delivery = tuple[Any, Operation]  # a message, and the operation that answered it


def queues_of(history: Iterable[Operation], name: str) -> list[list[Operation]]:
    """The history of each queue. Every key is a queue of its own; if some operations have none, all are of one queue.

    Raises
    ------
    Malformed
        If operations are not those of a queue; `name` is that of the checker.
    """
    history = tuple(history)
    require(history, name=name, functions=("enqueue", "dequeue", "drain"), asked={"enqueue": MESSAGE},
            told={"drain": LIST})
    if any(o.key is None for o in history):
        return [list(history)]
    queues: dict[Any, list[Operation]] = {}
    for o in history:
        queues.setdefault(frozen(o.key), []).append(o)
    return list(queues.values())


def deliveries(queue: Iterable[Operation]) -> Iterator[Delivery]:
    """Each message that came out, with the operation that answered it."""
    for o in queue:
        if o.status == OK and o.f == "drain":
            yield from ((frozen(value), o) for value in o.result)
        elif o.status == OK and o.f == "dequeue" and o.result is not None:
            yield frozen(o.result), o


def producer_order(history: Iterable[Operation]) -> Verdict:
    """Judge whether each producer's messages were delivered in the order in which it sent them.

    Two messages of one producer to one queue are out of order if the later one was out before the earlier one's first
    delivery was asked for. Deliveries that overlap may have happened in either order, and messages that are not told
    apart (one value enqueued more than once) are not judged.

    Examples
    --------
    >>> sent = [Operation("p", "enqueue", value=v, start=2 * v, end=2 * v + 1, index=v) for v in (0, 1)]
    >>> got = [Operation("c", "dequeue", result=v, start=9 - 4 * v, end=10 - 4 * v, index=3 - v) for v in (1, 0)]
    >>> print(producer_order(sent + got))
    violated: p enqueued 0 and after it 1, but 1 was delivered to c before 0 was delivered to c
    """
    producers = set()
    for queue in queues_of(history, "producer-order"):
        puts, out = told_apart(queue), list(deliveries(queue))
        producers.update(o.process for o in queue if o.f == "enqueue")
        for a, b, took_a, took_b in overtaken(puts, out, attrgetter("process")):
            sentence = (f"{who(a)} enqueued {a.value!r} and after it {b.value!r}, but {b.value!r} was delivered to "
                        f"{who(took_b)} before {a.value!r} was delivered to {who(took_a)}")
            edges = tuple((x.index, y.index, "was over before it began") for x, y in ((a, b), (took_b, took_a)))
            return Verdict(VIOLATED, sentence, "producer-order", Witness((a, b, took_b, took_a), edges=edges))
    return Verdict(OK, f"no message of {plural(len(producers), 'producer')} overtook an earlier one", "producer-order")


def told_apart(queue: Sequence[Operation]) -> list[Operation]:
    """The enqueues of messages that nobody tried to enqueue a second time, but for those that failed."""
    tried = Counter(frozen(o.value) for o in queue if o.f == "enqueue")
    return [o for o in queue if o.f == "enqueue" and o.status != FAIL and tried[frozen(o.value)] == 1]


def overtaken(puts: Iterable[Operation], out: Iterable[Delivery], group=lambda put: None) -> Iterator[tuple]:
    """For each message that one of its group overtook: it, the other, and the deliveries that show it.

    Those are the delivery of the one that was asked for first, and the one of the other that was over first.
    """
    asked: dict[Any, Operation] = {}
    over: dict[Any, Operation] = {}
    for value, o in out:
        asked[value] = min(asked.get(value, o), o, key=attrgetter("start"))
        over[value] = min(over.get(value, o), o, key=attrgetter("end"))
    groups: dict[Any, list[Operation]] = {}
    for put in puts:
        if frozen(put.value) in over:
            groups.setdefault(group(put), []).append(put)
    for own in groups.values():
        own.sort(key=attrgetter("start"))
        soonest = _soonest(own, over)
        for put in own:
            other = soonest[bisect_right(own, _end(put), key=attrgetter("start"))]
            first = asked[frozen(put.value)]
            if other is not None and over[frozen(other.value)].end < first.start:
                yield put, other, first, over[frozen(other.value)]


def _soonest(puts: Sequence[Operation], over: dict[Any, Operation]) -> list[Operation | None]:
    """Of the puts from each place on, the one whose message was out first."""
    soonest: list[Operation | None] = [None]
    for put in reversed(puts):
        rest = soonest[-1]
        sooner = rest is None or over[frozen(put.value)].end < over[frozen(rest.value)].end
        soonest.append(put if sooner else rest)
    return soonest[::-1]


def _end(operation: Operation) -> float:
    return INFINITY if operation.end is None else operation.end
