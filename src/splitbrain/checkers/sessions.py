"""Session guarantees: what one client may rely on, whatever the replicas it meets.

Terry et al. (1994) gave four, for a client that goes from server to server:

- *read your writes*: a read sees the writes that its own session made before;
- *monotonic reads*: a read sees what the session's earlier reads saw;
- *monotonic writes*: a session's writes take effect in the order in which it made them, wherever they are seen;
- *writes follow reads*: who sees a write sees also what its writer had read before it made it.

A session is a process of the history. Keys are registers, and to *see* a write is to read its value or one that came
after it. In which order the versions of a key came nobody tells us. So each guarantee is judged by whether there is
*any* order of every key's versions, the initial one first, in which it holds and in which

- each session's own writes of a key stand in the order in which it made them (this is assumed of the first two and
  part of the third), and
- for the third and fourth, reads are monotonic: who has read a version has also seen all that was to be seen before
  it. Sessions whose own reads go back are no evidence there: they are monotonic reads' affair.

If there is none, the guarantee is violated, and the witness is a ring of operations each of which must come before
the next. The judgement needs distinct values: where a value was written twice nobody knows which write was read. Its
cost grows with the square of a session's length: it is meant for some thousands of operations.

Source: D. B. Terry, A. J. Demers, K. Petersen, M. J. Spreitzer, M. M. Theimer and B. B. Welch, "Session guarantees for
weakly consistent replicated data", Parallel and Distributed Information Systems, 1994.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from splitbrain.checkers.explain import plural, told
from splitbrain.checkers.forms import require
from splitbrain.checkers.models import READS, WRITES
from splitbrain.checkers.values import frozen
from splitbrain.records import FAIL, OK, UNKNOWN, VIOLATED, History, Operation, Verdict, Witness

Version = tuple[Any, Any]  # (key, value): the initial version of a key is (key, None)


@dataclass(frozen=True, slots=True)
class Before:
    """One version of a key must come before another, because of these operations, or (not `strict`) be the same."""

    one: Version
    other: Version
    reason: str
    because: tuple[Operation, ...]
    strict: bool = False


def read_your_writes(history: Iterable[Operation]) -> Verdict:
    """Judge whether every read sees what its session wrote before.

    The history is one of reads and writes (or gets and puts) of registers, initially None; a session is a process.
    The answer is ``unknown`` if a value was written to one key twice. See the module for what exactly is judged.

    Examples
    --------
    >>> put = Operation("c1", "put", "x", 1, start=0, end=1)
    >>> print(read_your_writes([put, Operation("c1", "get", "x", result=None, start=2, end=3, index=1)]))
    violated: c1 read x = None after it wrote x = 1
    """
    return _judge(history, "read-your-writes", _own_order, _own_writes)


def monotonic_reads(history: Iterable[Operation]) -> Verdict:
    """Judge whether no read goes back behind what its session had read; see `read_your_writes` for the history.

    Examples
    --------
    >>> put = Operation("c1", "put", "x", 1, start=0, end=1)
    >>> gets = [Operation("c2", "get", "x", result=v, start=s, end=s + 1, index=s) for v, s in [(1, 2), (None, 4)]]
    >>> print(monotonic_reads([put, *gets]))
    violated: c2 read x = None after it read x = 1
    """
    return _judge(history, "monotonic-reads", _own_order, _own_reads)


def monotonic_writes(history: Iterable[Operation]) -> Verdict:
    """Judge whether a session's writes are seen in the order in which it made them; see `read_your_writes`.

    Examples
    --------
    >>> puts = [Operation("c1", "put", key, 1, start=2 * i, end=2 * i + 1, index=i) for i, key in enumerate("xy")]
    >>> gets = [Operation("c2", "get", key, result=v, start=s, end=s + 1, index=s) for key, v, s in
    ...         [("y", 1, 4), ("x", None, 6)]]
    >>> print(monotonic_writes([*puts, *gets]))
    violated: c2 read x = None after it read y = 1, which c1 wrote after it wrote x = 1
    """
    return _judge(history, "monotonic-writes", _own_order, _seen_with(_earlier_writes))


def writes_follow_reads(history: Iterable[Operation]) -> Verdict:
    """Judge whether who sees a write sees also what its writer had read before it; see `read_your_writes`.

    Examples
    --------
    >>> post = Operation("c1", "put", "x", 1, start=0, end=1)
    >>> answer = [Operation("c2", "get", "x", result=1, start=2, end=3, index=1),
    ...           Operation("c2", "put", "y", 1, start=4, end=5, index=2)]
    >>> gets = [Operation("c3", "get", key, result=v, start=s, end=s + 1, index=s) for key, v, s in
    ...         [("y", 1, 6), ("x", None, 8)]]
    >>> print(writes_follow_reads([post, *answer, *gets]))
    violated: c3 read x = None after it read y = 1, which c2 wrote after it read x = 1
    """
    return _judge(history, "writes-follow-reads", _own_order, _read_then_written, _seen_with(_earlier_reads))


def session_guarantees(history: Iterable[Operation]) -> dict[str, Verdict]:
    """All four verdicts by their names."""
    history = tuple(history)
    judges = (read_your_writes, monotonic_reads, monotonic_writes, writes_follow_reads)
    verdicts = [judge(history) for judge in judges]
    return {verdict.checker: verdict for verdict in verdicts}


def every_session_guarantee(history: Iterable[Operation]) -> Verdict:
    """Judge whether all four are kept; the sentence and the witness are those of the first that is not.

    Examples
    --------
    >>> put = Operation("c1", "put", "x", 1, start=0, end=1)
    >>> print(every_session_guarantee([put, Operation("c1", "get", "x", result=None, start=2, end=3, index=1)]))
    violated: c1 read x = None after it wrote x = 1 (read-your-writes)
    """
    verdicts = session_guarantees(history)
    names = tuple(name for name, verdict in verdicts.items() if verdict.status == VIOLATED)
    first = next((v for status in (VIOLATED, UNKNOWN) for v in verdicts.values() if v.status == status), None)
    if first is None:
        return Verdict(OK, "some order of the versions keeps each of the four", "session-guarantees")
    sentence = f"{first.explanation} ({', '.join(names)})" if names else first.explanation
    return Verdict(first.status, sentence, "session-guarantees", first.witness, names)


class _Sessions:
    """What the rules below look things up in."""

    def __init__(self, history: Sequence[Operation]):
        happened = sorted((o for o in history if o.status == OK or (o.status == UNKNOWN and o.f in WRITES)),
                          key=lambda o: o.start)
        self.own = History(happened).by_process()
        self.writer = {_version(o): o for o in happened if o.f in WRITES}

        self._place = {o.start: i for own in self.own.values() for i, o in enumerate(own)}

    def pairs(self, first: frozenset[str], second: frozenset[str]) -> Iterator[Before]:
        """For two operations of one session on one key, of these functions and the first done before the second."""
        for own in self.own.values():
            for group in own.by_key().values():
                for i, b in enumerate(group):
                    for a in group[:i] if b.f in second else ():
                        if a.f in first and a.status == OK:
                            yield Before(_version(a), _version(b), f"{told(b)} after it {_did(a)}", (a, b),
                                         b.f in WRITES)

    def earlier(self, o: Operation) -> list[Operation]:
        """What its session had done before it."""
        return [other for other in self.own[o.process][:self._place[o.start]] if other.status == OK]


Rule = Callable[[_Sessions], Iterator[Before]]


def _own_order(sessions: _Sessions) -> Iterator[Before]:
    return sessions.pairs(WRITES, WRITES)


def _own_writes(sessions: _Sessions) -> Iterator[Before]:
    return sessions.pairs(WRITES, READS)


def _own_reads(sessions: _Sessions) -> Iterator[Before]:
    return sessions.pairs(READS, READS)


def _read_then_written(sessions: _Sessions) -> Iterator[Before]:
    return sessions.pairs(READS, WRITES)


def _earlier_writes(sessions: _Sessions, write: Operation) -> list[Operation]:
    return [o for o in sessions.earlier(write) if o.f in WRITES]


def _earlier_reads(sessions: _Sessions, write: Operation) -> list[Operation]:
    return [o for o in sessions.earlier(write) if o.f in READS]


def _seen_with(what: Callable[[_Sessions, Operation], list[Operation]]) -> Rule:
    """Who has read a version has seen what had to be there before it, directly or in several steps."""
    def rule(sessions: _Sessions) -> Iterator[Before]:
        for own in sessions.own.values():
            reads = [o for o in own if o.f in READS]
            if _goes_back(sessions, reads):
                continue
            seen: dict[Version, tuple[str, tuple[Operation, ...]]] = {}
            for read in reads:
                _add_seen(sessions, read, what, seen)
                for version, (reason, because) in seen.items():
                    if version[0] == _version(read)[0]:
                        yield Before(version, _version(read), f"{told(read)}{reason}", (*because, read))
    return rule


def _add_seen(sessions: _Sessions, read: Operation, what: Callable, seen: dict) -> None:
    seen.setdefault(_version(read), (f" after it {_did(read)}", (read,)))
    waiting = [(_version(read), *seen[_version(read)])]
    while waiting:
        version, reason, because = waiting.pop()
        write = sessions.writer.get(version)
        for o in what(sessions, write) if write is not None else ():
            if _version(o) not in seen:
                seen[_version(o)] = f"{reason}, which {_who(write)} wrote after it {_did(o)}", (*because, write, o)
                waiting.append((_version(o), *seen[_version(o)]))


def _goes_back(sessions: _Sessions, reads: Sequence[Operation]) -> bool:
    alone = [Before(_version(a), _version(b), "", ()) for i, b in enumerate(reads) for a in reads[:i]]
    return _ring([*_initial_first(sessions), *_own_order(sessions), *alone]) is not None


def _judge(history: Iterable[Operation], name: str, *rules: Rule) -> Verdict:
    history = tuple(history)
    require(history, name=name, functions=READS | WRITES)
    twice = _written_twice(history)
    if twice is not None:
        return Verdict(UNKNOWN, f"{told(twice)} although that value was there before: nobody can say which write a "
                                "read saw", name)
    sessions = _Sessions(history)
    ring = _ring([*_initial_first(sessions), *(before for rule in rules for before in rule(sessions))])
    if ring is None:
        return Verdict(OK, f"some order of the versions keeps it for {plural(len(sessions.own), 'session')}", name)
    # Told from what came last, as that is where it shows.
    last = max(range(len(ring)), key=lambda i: max((o.start for o in ring[i].because), default=-1))
    reasons = [before.reason for before in ring[last:] + ring[:last] if before.reason]
    operations = {o.index: o for before in ring for o in before.because}
    return Verdict(VIOLATED, "; but ".join(reasons), name,
                   Witness(tuple(sorted(operations.values(), key=lambda o: o.start))))


def _written_twice(history: Sequence[Operation]) -> Operation | None:
    known: set[Version] = set()
    for o in history:
        if o.f in WRITES and o.status != FAIL:
            if o.value is None or _version(o) in known:
                return o
            known.add(_version(o))
    return None


def _initial_first(sessions: _Sessions) -> list[Before]:
    versions = {_version(o) for own in sessions.own.values() for o in own if o.f in WRITES or o.result is not None}
    return [Before((version[0], None), version, "", ()) for version in sorted(versions, key=repr)]


def _ring(constraints: Iterable[Before]) -> list[Before] | None:
    """The shortest ring of versions each of which must come before the next; None if there is none."""
    edges: dict[Version, dict[Version, Before]] = {}
    for before in constraints:
        if before.one[0] == before.other[0] and (before.strict or before.one != before.other):
            edges.setdefault(before.one, {}).setdefault(before.other, before)
    rings = [ring for version in _in_rings(edges) for ring in [_back_to(version, edges)] if ring]
    return min(rings, key=lambda ring: (len(ring), sum(len(b.because) for b in ring))) if rings else None


def _in_rings(edges: dict[Version, dict[Version, Before]]) -> list[Version]:
    """The versions that are left when those are taken away, again and again, that nothing must come before."""
    waits = Counter(other for others in edges.values() for other in others)
    free = [version for version in edges if not waits[version]]
    while free:
        for other in edges.get(free.pop(), ()):
            waits[other] -= 1
            if not waits[other]:
                free.append(other)
    return [version for version in edges if waits[version]]


def _back_to(start: Version, edges: dict[Version, dict[Version, Before]]) -> list[Before] | None:
    came: dict[Version, Before] = {}
    wave = [start]
    while wave:
        following = []
        for version in wave:
            for other, before in edges.get(version, {}).items():
                if other not in came:
                    came[other] = before
                    following.append(other)
        wave = following
        if start in came:
            ring = [came[start]]
            while ring[0].one != start:
                ring.insert(0, came[ring[0].one])
            return ring
    return None


def _version(o: Operation) -> Version:
    return frozen(o.key), frozen(o.value if o.f in WRITES else o.result)


def _who(o: Operation) -> str:
    return o.process if isinstance(o.process, str) else f"process {o.process}"


def _did(o: Operation) -> str:
    return told(o)[len(_who(o)) + 1:]
