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
  it. Terry's servers are not to be seen in a history, so of a reader who may meet an older server each time nothing
  follows; the third and fourth are judged as they are mostly promised, together with monotonic reads. Sessions whose
  own reads go back are no evidence there: they are monotonic reads' affair.

If there is none, the guarantee is violated, and the witness is a ring of operations each of which must come before
the next; none of them can be spared.

A version is known by its value. Where a value was written to a key twice, nobody can say which write a read saw: that
key is left out, and if the others are in order the answer is ``unknown``. What a session did follows from what it did
last, so there is a constraint or two for an operation, not for every pair: time grows with the number of operations
for the first two, and for the others with that times the number of sessions.

Source: D. B. Terry, A. J. Demers, K. Petersen, M. J. Spreitzer, M. M. Theimer and B. B. Welch, "Session guarantees for
weakly consistent replicated data", Parallel and Distributed Information Systems, 1994.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from splitbrain.checkers.explain import plural, told
from splitbrain.checkers.forms import require
from splitbrain.checkers.graphs import shortest, steps_of
from splitbrain.checkers.models import READS, WRITES
from splitbrain.checkers.session_rules import (
    EFFORT,
    Before,
    Rule,
    Sessions,
    TooMuch,
    Version,
    own_order,
    own_reads,
    own_writes,
    read_then_written,
    rings,
    seen_with,
    version_of,
)
from splitbrain.checkers.values import frozen
from splitbrain.records import FAIL, OK, UNKNOWN, VIOLATED, Operation, Verdict, Witness

MANY = 200  # operations of a witness, from which on it is not looked which of them can be spared


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
    return _judge(history, "read-your-writes", own_order, own_writes)


def monotonic_reads(history: Iterable[Operation]) -> Verdict:
    """Judge whether no read goes back behind what its session had read; see `read_your_writes` for the history.

    Examples
    --------
    >>> put = Operation("c1", "put", "x", 1, start=0, end=1)
    >>> gets = [Operation("c2", "get", "x", result=v, start=s, end=s + 1, index=s) for v, s in [(1, 2), (None, 4)]]
    >>> print(monotonic_reads([put, *gets]))
    violated: c2 read x = None after it read x = 1
    """
    return _judge(history, "monotonic-reads", own_order, own_reads)


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
    return _judge(history, "monotonic-writes", own_order, seen_with(WRITES))


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
    return _judge(history, "writes-follow-reads", own_order, read_then_written, seen_with(READS))


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


def _judge(history: Iterable[Operation], name: str, *rules: Rule) -> Verdict:
    history = tuple(history)
    require(history, name=name, functions=READS | WRITES)
    twice = _written_twice(history)
    sessions = Sessions(o for o in history if frozen(o.key) not in twice)
    try:
        ring = _ring(sessions, rules)
    except TooMuch:
        return Verdict(UNKNOWN, f"gave up after {EFFORT:,} steps: {len(sessions.own):,} sessions are too many", name)
    if ring:
        return _violated(ring, name, rules)
    if twice:
        return Verdict(UNKNOWN, f"{told(next(iter(twice.values())))} although that value was there before: nobody can "
                                "say which write a read saw", name)
    odd = f"; {plural(len(sessions.odd), 'session')} whose own reads go back left out" if sessions.odd else ""
    return Verdict(OK, f"some order of the versions keeps it for {plural(len(sessions.own), 'session')}{odd}", name)


def _violated(ring: list[Before], name: str, rules: Sequence[Rule]) -> Verdict:
    operations = _operations(ring)
    for o in operations if len(operations) <= MANY else ():
        rest = [other for other in _operations(ring) if other is not o]
        ring = _ring(Sessions(rest), rules) or ring
    # Told from what came last, as that is where it shows.
    last = max(range(len(ring)), key=lambda i: max((o.start for o in ring[i].because), default=-1))
    reasons = [before.reason for before in ring[last:] + ring[:last] if before.because]
    few = _operations(ring)
    edges = [(a.index, b.index, "its session did so first") for i, a in enumerate(few) for b in few[i + 1:]
             if a.process == b.process and a.status == OK]
    edges += [(one.last.index, two.seen.operation.index, "of the same version")
              for one, two in zip(ring, ring[1:] + ring[:1], strict=True)
              if one.last and two.seen and one.last is not two.seen.operation]
    return Verdict(VIOLATED, "; but ".join(reasons), name, Witness(tuple(few), edges=tuple(edges)))


def _operations(ring: Iterable[Before]) -> list[Operation]:
    return sorted({o.start: o for before in ring for o in before.because}.values(), key=lambda o: o.start)


def _written_twice(history: Sequence[Operation]) -> dict[Any, Operation]:
    """The keys whose versions cannot be told apart, each with the write that made it so."""
    known: set[Version] = set()
    twice: dict[Any, Operation] = {}
    for o in history:
        if o.f in WRITES and o.status != FAIL:
            if o.value is None or version_of(o) in known:
                twice.setdefault(frozen(o.key), o)
            known.add(version_of(o))
    return twice


def _ring(sessions: Sessions, rules: Sequence[Rule]) -> list[Before]:
    """The shortest ring of versions each of which must come before the next; empty if there is none."""
    edges = rings([*sessions.initial_first(), *(before for rule in rules for before in rule(sessions))])
    return [before for _, _, before in shortest(edges, steps_of(edges))]
