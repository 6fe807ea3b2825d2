"""Queues: is what went in what came out, and in which order? By Jepsen's rules, which need no search.

A queue that may redeliver, or that has several consumers, is seldom linearizable, and need not be. What it promises
is weaker, and can be counted: `total_queue` that nothing acknowledged is lost and nothing comes from nowhere,
`unordered_queue` that nothing comes out before it went in or oftener, `producer_order` that what one producer sent
is delivered in the order in which it was sent.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from splitbrain.checkers.explain import plural, told
from splitbrain.checkers.forms import LIST, require
from splitbrain.checkers.values import frozen
from splitbrain.records import FAIL, OK, UNKNOWN, VIOLATED, Operation, Verdict, Witness

FUNCTIONS = ("enqueue", "dequeue", "drain")
INFINITY = float("inf")


@dataclass(frozen=True, slots=True)
class QueueReport:
    """What became of the messages. Each group holds messages, one as often as it belongs there.

    Attributes
    ----------
    verdict : Verdict
        That of `total_queue`.
    attempted, acknowledged, delivered : int
        How many enqueues were asked for, and answered with ``ok``; how many deliveries were of such messages.
    lost : tuple
        Acknowledged, and never came out.
    unexpected : tuple
        Came out, and nobody ever asked to enqueue them.
    duplicated : tuple
        Came out oftener than they were put in.
    recovered : tuple
        Came out although their producer was not told ``ok``.
    reordered : tuple of (earlier, later)
        Pairs of which the one went in before the other, and the other was out before the one was asked for.
    """

    verdict: Verdict
    attempted: int
    acknowledged: int
    delivered: int
    lost: tuple
    unexpected: tuple
    duplicated: tuple
    recovered: tuple
    reordered: tuple[tuple[Any, Any], ...]


def total_queue(history: Iterable[Operation], *, certain: bool = False) -> Verdict:
    """Judge whether everything acknowledged came out, and nothing came from nowhere.

    Parameters
    ----------
    history : iterable of Operation
        ``enqueue`` with a value; ``dequeue``, which answers it, or None for an empty queue; ``drain``, which answers
        a list of all that it took. The queue has to have been drained at the end: what is still in it counts as lost.
    certain : bool
        Whether only those messages count as lost that can be nowhere else: somebody found the queue empty who began to
        look after the enqueue was acknowledged, and they are more than the dequeues of unknown outcome, each of which
        may have taken one. So a run that ended too early, or whose answers got lost, accuses no queue.

    Returns
    -------
    Verdict
        ``violated`` if a message was lost or unexpected. Duplicates are reported among the anomalies, and allowed.
        ``unknown`` (if `certain`) if a message did not come out, and it is not certain that it is lost.

    Raises
    ------
    ValueError
        If there are other functions than these.

    Notes
    -----
    The rules are those of Jepsen's total-queue checker. An enqueue that failed is still one that was attempted:
    its message may come out. What a dequeue of unknown outcome may have taken counts as lost (unless `certain`): if
    the queue has given it away, its consumer never had it.

    Examples
    --------
    >>> put = Operation("c1", "enqueue", value="a", start=0, end=1)
    >>> print(total_queue([put]))
    violated: 1 message lost: c1 called enqueue('a'), was told ok, and it never came out
    """
    history = tuple(history)
    report = queue_report(history)
    return _of_what_is_certain(history, report) if certain and report.lost else report.verdict


def _of_what_is_certain(history: Sequence[Operation], report: QueueReport) -> Verdict:
    missing = [o for o in history if o.f == "enqueue" and o.status == OK and frozen(o.value) in set(report.lost)]
    takes = [o for o in history if o.f != "enqueue"]
    looked = max((o.start for o in takes if o.status == OK and (o.f == "drain" or o.result is None)), default=-1)
    unknown = [o for o in takes if o.status == UNKNOWN]
    gone = _with_unsure(history, [o for o in missing if o.end > looked])
    taken = any(o.f == "drain" for o in unknown) or len(gone.lost) <= len(unknown)
    verdict = _with_unsure(history, missing).verdict if taken else gone.verdict
    if verdict.status == VIOLATED:
        return verdict
    why = (f"{plural(len(unknown), 'dequeue')} of unknown outcome may have taken it" if gone.lost
           else "nobody found the queue empty after that")
    return Verdict(UNKNOWN, f"{told(missing[0])} and was told ok, and it did not come out, but {why}", "total-queue")


def _with_unsure(history: Sequence[Operation], some: Sequence[Operation]) -> QueueReport:
    """The report if of these operations nobody had been told."""
    places = {o.start for o in some}
    return queue_report(replace(o, status=UNKNOWN) if o.start in places else o for o in history)


def queue_report(history: Iterable[Operation]) -> QueueReport:
    """What became of every message; parameters and rules are those of `total_queue`."""
    history = tuple(history)
    require(history, name="total-queue", functions=FUNCTIONS, told={"drain": LIST})
    enqueues = [o for o in history if o.f == "enqueue"]
    out = list(_deliveries(history))
    attempts = Counter(frozen(o.value) for o in enqueues)
    acknowledged = Counter(frozen(o.value) for o in enqueues if o.status == OK)
    delivered = Counter(value for value, _ in out)
    ok = delivered & attempts
    lost = acknowledged - delivered
    unexpected = Counter({value: n for value, n in delivered.items() if value not in attempts})
    duplicated = delivered - attempts - unexpected
    recovered = ok - acknowledged
    verdict = _total(enqueues, out, lost, unexpected, duplicated, recovered)
    groups = (tuple(group.elements()) for group in (lost, unexpected, duplicated, recovered))
    pairs = tuple((frozen(a.value), frozen(b.value)) for a, b, _, _ in _reordered(history))
    return QueueReport(verdict, attempts.total(), acknowledged.total(), ok.total(), *groups, pairs)


def _deliveries(history: Iterable[Operation]) -> Iterator[tuple[Any, Operation]]:
    """Each message that came out, with the operation that answered it."""
    for o in history:
        if o.status == OK and o.f == "drain":
            yield from ((frozen(value), o) for value in o.result)
        elif o.status == OK and o.f == "dequeue" and o.result is not None:
            yield frozen(o.result), o


def _total(enqueues, out, lost, unexpected, duplicated, recovered) -> Verdict:
    parts, shown, counted = [], [], []
    if lost:
        put = next(o for o in enqueues if o.status == OK and frozen(o.value) in lost)
        parts.append(f"{_count(lost)} lost: {told(put)}, was told ok, and it never came out")
        shown.append(put)
    if unexpected:
        _, got = next(pair for pair in out if pair[0] in unexpected)
        parts.append(f"{_count(unexpected)} unexpected: {told(got)}, which nobody enqueued")
        shown.append(got)
    if duplicated:
        value = next(iter(duplicated))
        counted.append(f"{_count(duplicated)} duplicated ({value!r} came out {sum(v == value for v, _ in out)} times)")
    if recovered:
        counted.append(f"{_count(recovered)} came out whose producer was not told ok")
    kinds = {"lost": lost, "unexpected": unexpected, "duplicated": duplicated}
    anomalies = tuple(name for name, group in kinds.items() if group)
    if shown:
        witness = Witness(tuple(sorted(shown, key=lambda o: o.start)))
        return Verdict(VIOLATED, "; ".join(parts + counted), "total-queue", witness, anomalies)
    acknowledged = sum(o.status == OK for o in enqueues)
    every = f"every acknowledged message came out ({acknowledged} of {acknowledged}), and nothing else"
    return Verdict(OK, "; ".join([every, *counted]), "total-queue", None, anomalies)


def _count(group: Counter) -> str:
    return plural(group.total(), "message")


def unordered_queue(history: Iterable[Operation]) -> Verdict:
    """Judge whether every message that came out had gone in, before that and as often.

    As Jepsen's queue checker does, it takes every enqueue that did not fail for done from its beginning on, and only
    dequeues that are ``ok`` for done. What is still in the queue, or lost, is not its affair.

    Examples
    --------
    >>> print(unordered_queue([Operation("c2", "dequeue", result="a", start=0, end=1)]))
    violated: c2 called dequeue() -> 'a', but by then 'a' had gone in 0 times and come out 1 time
    """
    history = tuple(history)
    require(history, name="unordered-queue", functions=FUNCTIONS, told={"drain": LIST})
    puts = [(o.start, 0, frozen(o.value), o) for o in history if o.f == "enqueue" and o.status != FAIL]
    takes = [(o.end, 1, value, o) for value, o in _deliveries(history)]
    went_in: dict[Any, list[Operation]] = {}
    came_out: dict[Any, list[Operation]] = {}
    for _, is_out, value, o in sorted(puts + takes, key=lambda event: event[:2]):
        (came_out if is_out else went_in).setdefault(value, []).append(o)
        puts_by_now, takes_by_now = went_in.get(value, []), came_out.get(value, [])
        if len(takes_by_now) > len(puts_by_now):
            sentence = (f"{told(o)}, but by then {value!r} had gone in {plural(len(puts_by_now), 'time')} and come out "
                        f"{plural(len(takes_by_now), 'time')}")
            few = tuple(sorted({p.index: p for p in puts_by_now + takes_by_now}.values(), key=lambda p: p.start))
            return Verdict(VIOLATED, sentence, "unordered-queue", Witness(few))
    return Verdict(OK, f"each of the {plural(len(takes), 'message')} that came out had gone in before",
                   "unordered-queue")


def producer_order(history: Iterable[Operation]) -> Verdict:
    """Judge whether each producer's messages were delivered in the order in which it sent them.

    Two messages of one producer are out of order if the later one was out before the earlier one's first delivery was
    asked for. Deliveries that overlap may have happened in either order, and messages that are not told apart (one
    value enqueued more than once) are not judged.

    Examples
    --------
    >>> sent = [Operation("p", "enqueue", value=v, start=2 * v, end=2 * v + 1, index=v) for v in (0, 1)]
    >>> got = [Operation("c", "dequeue", result=v, start=9 - 4 * v, end=10 - 4 * v, index=3 - v) for v in (1, 0)]
    >>> print(producer_order(sent + got))
    violated: p enqueued 0 and after it 1, but 1 was delivered to c before 0 was delivered to c
    """
    history = tuple(history)
    require(history, name="producer-order", functions=FUNCTIONS, told={"drain": LIST})
    producers: dict[Any, list[Operation]] = {}
    for o in history:
        if o.f == "enqueue":
            producers.setdefault(o.process, []).append(o)
    takes = [o for o in history if o.f != "enqueue"]
    once = Counter(frozen(o.value) for o in history if o.f == "enqueue")
    for sent in producers.values():
        own = [o for o in sent if once[frozen(o.value)] == 1]
        for a, b, took_a, took_b in _reordered([*own, *takes]):
            sentence = (f"{a.process} enqueued {a.value!r} and after it {b.value!r}, but {b.value!r} was delivered to "
                        f"{took_b.process} before {a.value!r} was delivered to {took_a.process}")
            edges = tuple((x.index, y.index, "was over before it began") for x, y in ((a, b), (took_b, took_a)))
            return Verdict(VIOLATED, sentence, "producer-order", Witness((a, b, took_b, took_a), edges=edges))
    return Verdict(OK, f"no message of {plural(len(producers), 'producer')} overtook an earlier one", "producer-order")


def _reordered(history: Iterable[Operation]) -> Iterator[tuple[Operation, Operation, Operation, Operation]]:
    """For each message that was overtaken: it, the one that overtook it and was out first, and their deliveries."""
    puts: dict[Any, list[Operation]] = {}
    for o in history:
        if o.f == "enqueue" and o.status != FAIL:
            puts.setdefault(frozen(o.value), []).append(o)
    first: dict[Any, Operation] = {}
    for value, o in sorted(_deliveries(history), key=lambda pair: pair[1].start):
        first.setdefault(value, o)
    told_apart = [value for value, own in puts.items() if len(own) == 1 and value in first]
    known = sorted(told_apart, key=lambda value: puts[value][0].start)
    starts = [puts[value][0].start for value in known]
    soonest: list[Any] = [None] * (len(known) + 1)  # of all that went in from here on, the first that was out
    for i in range(len(known) - 1, -1, -1):
        value, rest = known[i], soonest[i + 1]
        soonest[i] = value if rest is None or _end(first[value]) < _end(first[rest]) else rest
    for value in known:
        other = soonest[bisect_right(starts, _end(puts[value][0]))]
        if other is not None and _end(first[other]) < first[value].start:
            yield puts[value][0], puts[other][0], first[value], first[other]


def _end(operation: Operation) -> float:
    return INFINITY if operation.end is None else operation.end
