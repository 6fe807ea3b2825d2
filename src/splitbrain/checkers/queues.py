"""Queues: is what went in what came out? By Jepsen's rules, which need no search.

A queue that may redeliver, or that has several consumers, is seldom linearizable, and need not be. What it promises
is weaker, and can be counted: `total_queue` that nothing acknowledged is lost and nothing comes from nowhere,
`unordered_queue` that nothing comes out before it went in or oftener. What is promised of the order is judged by
`queue_order`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from splitbrain.checkers.explain import first_few, plural, told, who
from splitbrain.checkers.queue_order import deliveries, overtaken, queues_of, told_apart
from splitbrain.checkers.values import frozen
from splitbrain.records import FAIL, OK, UNKNOWN, VIOLATED, Operation, Verdict, Witness


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
        Pairs of which the one went in before the other, and the other was out before the one was asked for. Messages
        that are not told apart, one value enqueued more than once, are left out.
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
        Every key is a queue of its own, if all operations have one.
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
        If there are other functions than these, or a message that is None.

    Notes
    -----
    The rules are those of Jepsen's total-queue checker. An enqueue that failed is still one that was attempted:
    its message may come out. What a dequeue of unknown outcome may have taken counts as lost (unless `certain`): if
    the queue has given it away, its consumer never had it. The sentence says how many such dequeues there are.

    Examples
    --------
    >>> put = Operation("c1", "enqueue", value="a", start=0, end=1)
    >>> print(total_queue([put]))
    violated: 1 message lost: c1 called enqueue('a'), was told ok, and it never came out
    """
    queues, doubts = queues_of(history, "total-queue"), []
    if certain:
        found = [_of_what_is_certain(queue) for queue in queues]
        queues, doubts = [queue for queue, _ in found], [doubt for _, doubt in found if doubt]
    verdict = _total([_Books(queue) for queue in queues])
    return Verdict(UNKNOWN, doubts[0], "total-queue") if doubts and verdict.status != VIOLATED else verdict


def queue_report(history: Iterable[Operation]) -> QueueReport:
    """What became of every message; parameters and rules are those of `total_queue`."""
    queues = queues_of(history, "total-queue")
    books = [_Books(queue) for queue in queues]
    groups = [tuple(value for book in books for value in getattr(book, name).elements())
              for name in ("lost", "unexpected", "duplicated", "recovered")]
    pairs = tuple((frozen(a.value), frozen(b.value)) for queue in queues
                  for a, b, _, _ in overtaken(told_apart(queue), deliveries(queue)))
    counts = (sum(getattr(book, name).total() for book in books) for name in ("attempts", "acknowledged", "known"))
    return QueueReport(_total(books), *counts, *groups, pairs)


class _Books:
    """What went into one queue and what came out of it, each message counted."""

    def __init__(self, queue: Sequence[Operation]):
        self.puts = [o for o in queue if o.f == "enqueue"]
        self.out = list(deliveries(queue))
        self.vague = sum(o.f != "enqueue" and o.status == UNKNOWN for o in queue)
        self.attempts = Counter(frozen(o.value) for o in self.puts)
        self.acknowledged = Counter(frozen(o.value) for o in self.puts if o.status == OK)
        self.delivered = Counter(value for value, _ in self.out)
        self.known = self.delivered & self.attempts
        self.lost = self.acknowledged - self.delivered
        self.unexpected = Counter({value: n for value, n in self.delivered.items() if value not in self.attempts})
        self.duplicated = self.delivered - self.attempts - self.unexpected
        self.recovered = self.known - self.acknowledged

    def first_lost(self) -> tuple[str, list[Operation]]:
        """In words, and what shows it: the enqueue; if the message came out, though too seldom, one more than that."""
        put = next(o for o in self.puts if o.status == OK and frozen(o.value) in self.lost)
        value = frozen(put.value)
        went_in = [o for o in self.puts if o.status == OK and frozen(o.value) == value]
        came_out = [o for other, o in self.out if other == value]
        if not came_out:
            return f"{told(put)}, was told ok, and it never came out", [put]
        return (f"{put.value!r} went in {plural(len(went_in), 'time')}{_by(went_in)}, acknowledged, and came out "
                f"{plural(len(came_out), 'time')}{_by(came_out)}", [*went_in[:len(came_out) + 1], *came_out])

    def first_unexpected(self) -> Operation:
        return next(o for value, o in self.out if value in self.unexpected)

    def first_duplicated(self) -> str:
        value = next(iter(self.duplicated))
        return f"{value!r} came out {plural(self.delivered[value], 'time')}"


def _total(books: Sequence[_Books]) -> Verdict:
    counts = {kind: sum(getattr(book, kind).total() for book in books)
              for kind in ("lost", "unexpected", "duplicated", "recovered", "acknowledged")}
    first = {kind: next((book for book in books if getattr(book, kind)), None) for kind in counts}
    wrong, counted, shown = [], [], []
    if counts["lost"]:
        sentence, few = first["lost"].first_lost()
        vague = sum(book.vague for book in books if book.lost)
        which = "it" if counts["lost"] == 1 else "some"
        taken = f" ({plural(vague, 'dequeue')} of unknown outcome may have taken {which})" if vague else ""
        wrong.append(f"{plural(counts['lost'], 'message')} lost: {sentence}{taken}")
        shown += few
    if counts["unexpected"]:
        got = first["unexpected"].first_unexpected()
        wrong.append(f"{plural(counts['unexpected'], 'message')} unexpected: {told(got)}, which nobody enqueued")
        shown.append(got)
    if counts["duplicated"]:
        counted.append(f"{plural(counts['duplicated'], 'message')} duplicated "
                       f"({first['duplicated'].first_duplicated()})")
    if counts["recovered"]:
        counted.append(f"{plural(counts['recovered'], 'message')} came out whose producer was not told ok")
    anomalies = tuple(kind for kind in ("lost", "unexpected", "duplicated") if counts[kind])
    if wrong:
        witness = Witness(tuple(sorted({o.start: o for o in shown}.values(), key=lambda o: o.start)))
        return Verdict(VIOLATED, "; ".join(wrong + counted), "total-queue", witness, anomalies)
    every = "every acknowledged message came out ({0} of {0}), and nothing else".format(counts["acknowledged"])
    return Verdict(OK, "; ".join([every, *counted]), "total-queue", None, anomalies)


def _of_what_is_certain(queue: Sequence[Operation]) -> tuple[Sequence[Operation], str]:
    """The history as if nobody had been told of what is perhaps not lost; and why that is not certain, or ""."""
    lost = set(_Books(queue).lost)
    if not lost:
        return queue, ""
    missing = [o for o in queue if o.f == "enqueue" and o.status == OK and frozen(o.value) in lost]
    takes = [o for o in queue if o.f != "enqueue"]
    looked = max((o.start for o in takes if o.status == OK and (o.f == "drain" or o.result is None)), default=-1)
    unknown = [o for o in takes if o.status == UNKNOWN]
    sure = _with_unsure(queue, [o for o in missing if o.end > looked])
    gone = _Books(sure).lost.total()
    if any(o.f == "drain" for o in unknown) or gone <= len(unknown):
        sure = _with_unsure(queue, missing)
    why = (f"{plural(len(unknown), 'dequeue')} of unknown outcome may have taken it" if gone
           else "nobody found the queue empty after that")
    return sure, f"{told(missing[0])} and was told ok, and it did not come out, but {why}"


def _with_unsure(queue: Sequence[Operation], some: Sequence[Operation]) -> list[Operation]:
    """The history as if of these operations nobody had been told."""
    places = {o.start for o in some}
    return [replace(o, status=UNKNOWN) if o.start in places else o for o in queue]


def unordered_queue(history: Iterable[Operation]) -> Verdict:
    """Judge whether every message that came out had gone in, before that and as often; see `total_queue`.

    As Jepsen's queue checker does, it takes every enqueue that did not fail for done from its beginning on, and only
    dequeues that are ``ok`` for done. What is still in the queue, or lost, is not its affair.

    Examples
    --------
    >>> print(unordered_queue([Operation("c2", "dequeue", result="a", start=0, end=1)]))
    violated: c2 called dequeue() -> 'a', but by then 'a' had gone in 0 times and come out 1 time (c2)
    """
    count = 0
    for queue in queues_of(history, "unordered-queue"):
        puts = [(o.start, 0, frozen(o.value), o) for o in queue if o.f == "enqueue" and o.status != FAIL]
        takes = [(o.end, 1, value, o) for value, o in deliveries(queue)]
        count += len(takes)
        went_in: dict[Any, list[Operation]] = {}
        came_out: dict[Any, list[Operation]] = {}
        for _, is_out, value, o in sorted(puts + takes, key=lambda event: event[:2]):
            (came_out if is_out else went_in).setdefault(value, []).append(o)
            if len(came_out.get(value, ())) > len(went_in.get(value, ())):
                return _too_often(o, value, went_in.get(value, []), came_out[value])
    return Verdict(OK, f"each of the {plural(count, 'message')} that came out had gone in before", "unordered-queue")


def _too_often(last: Operation, value: Any, puts: Sequence[Operation], takes: Sequence[Operation]) -> Verdict:
    sentence = (f"{told(last)}, but by then {value!r} had gone in {plural(len(puts), 'time')}{_by(puts)} and come out "
                f"{plural(len(takes), 'time')}{_by(takes)}")
    few = {o.start: o for o in (*puts, *takes)}
    return Verdict(VIOLATED, sentence, "unordered-queue", Witness(tuple(few[start] for start in sorted(few))))


def _by(operations: Sequence[Operation]) -> str:
    return f" ({first_few([*map(who, operations)])})" if operations else ""
