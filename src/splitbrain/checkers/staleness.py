"""Staleness: how far behind was each read, in versions and in time?"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from splitbrain.checkers.explain import first_few, plural, told
from splitbrain.checkers.forms import require
from splitbrain.checkers.models import READS, WRITES
from splitbrain.checkers.values import frozen
from splitbrain.records import FAIL, OK, VIOLATED, Operation, Verdict, Witness

INFINITY = float("inf")


@dataclass(frozen=True, slots=True)
class Lag:
    """How far behind a read was, at the least.

    Attributes
    ----------
    read : Operation
    versions : int
        How many writes of its key were over before it began, and began when the write that it saw was over: all of
        them are newer than what it saw.
    ms : float
        For how long, when the read began, the first of them had been acknowledged; 0 if there is none.
    newer : Operation or None
        That first one.
    """

    read: Operation
    versions: int
    ms: float
    newer: Operation | None = None


def staleness(history: Iterable[Operation], *, versions: int | None = None, ms: float | None = None) -> Verdict:
    """Judge whether every read was fresh enough.

    Parameters
    ----------
    history : iterable of Operation
        Reads and writes (or gets and puts) of registers, one a key, initially None.
    versions : int, optional
        By how many versions a read may be behind; 0 if neither this nor `ms` is given.
    ms : float, optional
        By how many milliseconds it may be behind.

    Returns
    -------
    Verdict
        ``violated`` if a read was behind by more, in versions or in time. The sentence tells the worst.

    Raises
    ------
    ValueError
        If there are other functions than reads and writes, or a limit is below 0.

    Notes
    -----
    Only what is certain counts: a write that overlaps the read, or the write that the read saw, may have come in
    either order. So a lag is a lower bound, and a history with none may still not be linearizable. Where a value was
    written more than once, the read is taken to have seen the last of those writes that had begun by its end. A value
    that nobody had written by then is not stale, but wrong: that is for `linearizability`.

    Examples
    --------
    >>> puts = [Operation("c1", "put", "x", v, invoked=10.0 * v, returned=10.0 * v + 2, start=2 * v, end=2 * v + 1,
    ...                   index=v) for v in (0, 1, 2)]
    >>> get = Operation("c2", "get", "x", result=0, invoked=40.0, returned=42.0, start=6, end=7, index=3)
    >>> print(staleness([*puts, get], ms=50))
    ok: the 1 read was behind by 2 versions and 28 ms at most
    >>> print(staleness([*puts, get], versions=1))
    violated: c2 read x = 0, 2 versions and 28 ms behind: c1 had written x = 1, c1 had written x = 2, all after c1 \
had written x = 0
    """
    if versions is None and ms is None:
        versions = 0
    if min(versions or 0, ms or 0) < 0:
        raise ValueError("a read cannot be behind by less than nothing: versions and ms are 0 or more")
    history = tuple(history)
    found = lags(history)
    worst = max(found, key=lambda lag: (lag.versions, lag.ms), default=None)
    most_versions, most_ms = (INFINITY if most is None else most for most in (versions, ms))
    late = [lag for lag in found if lag.versions > most_versions or lag.ms > most_ms]
    if late:
        lag = max(late, key=lambda lag: (lag.versions, lag.ms))
        count = int(versions) + 1 if lag.versions > most_versions else 1
        source, newer = _proof(history, lag, count)
        done = first_few([told(o, earlier=True) for o in newer])
        sentence = f"{told(lag.read)}, {plural(lag.versions, 'version')} and {lag.ms:g} ms behind: {done}"
        sentence += f", all after {told(source[-1], earlier=True)}" if source else ""
        more = f" ({plural(len(late), 'read')} of {len(found)} too far behind)" if len(late) > 1 else ""
        return Verdict(VIOLATED, sentence + more, "staleness", _witness(source, newer, lag.read))
    if worst is None:
        return Verdict(OK, "no read was answered", "staleness")
    who = f"the {len(found)} reads were" if len(found) > 1 else "the 1 read was"
    furthest = max(lag.ms for lag in found)
    return Verdict(OK, f"{who} behind by {plural(worst.versions, 'version')} and {furthest:g} ms at most", "staleness")


def lags(history: Iterable[Operation]) -> list[Lag]:
    """How far behind each read was that was answered, in the order of their invocation."""
    history = tuple(history)
    require(history, name="staleness", functions=READS | WRITES)
    registers: dict[Any, list[Operation]] = {}
    for o in history:
        registers.setdefault(frozen(o.key), []).append(o)
    return sorted((lag for own in registers.values() for lag in _lags(own)), key=lambda lag: lag.read.start)


def _proof(history: Sequence[Operation], lag: Lag, count: int) -> tuple[list[Operation], list[Operation]]:
    """What the read may have seen, and enough writes that came later: `count`, the first of them to be over."""
    own = [o for o in history if o.f in WRITES and o.status == OK and frozen(o.key) == frozen(lag.read.key)]
    source = [o for o in own if frozen(o.value) == frozen(lag.read.result) and o.start < lag.read.end]
    since = max((o.end for o in source), default=-1)
    newer = sorted((o for o in own if o.start > since and o.end < lag.read.start), key=lambda o: o.end)[:count]
    return source, newer


def _witness(source: Sequence[Operation], newer: Sequence[Operation], read: Operation) -> Witness:
    edges = [(a.index, b.index, "was over before it began") for a in source for b in newer]
    edges += [(o.index, read.index, "was over before it began") for o in newer]
    return Witness(tuple(sorted([*source, *newer, read], key=lambda o: o.start)), edges=tuple(edges))


def _lags(operations: Sequence[Operation]) -> list[Lag]:
    reads = sorted((o for o in operations if o.f in READS and o.status == OK), key=lambda o: o.start)
    sources = _Sources(o for o in operations if o.f in WRITES and o.status != FAIL)
    done = sorted((o for o in operations if o.f in WRITES and o.status == OK), key=lambda o: o.end)
    starts: list[int] = []  # of the writes that were over before the read began
    soonest = _Soonest(done)
    found, place = [], 0
    for read in reads:
        while place < len(done) and done[place].end < read.start:
            insort(starts, done[place].start)
            place += 1
        since = sources.over(read)
        count = len(starts) - bisect_right(starts, since)
        newer = soonest.after(since) if count else None
        told = newer is not None and newer.returned is not None
        found.append(Lag(read, count, round(read.invoked - newer.returned, 3) if told else 0.0, newer))
    return found


class _Sources:
    """When the last write that a read may have seen was over."""

    def __init__(self, writes: Iterable[Operation]):
        self._starts: dict[Any, list[float]] = {None: [-2]}  # of each value, in their order
        self._ends: dict[Any, list[float]] = {None: [-1]}  # and by when all were over that had begun by then
        for o in sorted(writes, key=lambda o: o.start):
            ends = self._ends.setdefault(frozen(o.value), [])
            ends.append(max([*ends[-1:], INFINITY if o.end is None else o.end]))
            self._starts.setdefault(frozen(o.value), []).append(o.start)

    def over(self, read: Operation) -> float:
        value = frozen(read.result)
        begun = bisect_left(self._starts.get(value, ()), read.end)
        return self._ends[value][begun - 1] if begun else INFINITY


class _Soonest:
    """Of the writes that began after a moment, the one that was over first."""

    def __init__(self, writes: Sequence[Operation]):
        ordered = sorted(writes, key=lambda o: o.start)
        self._starts = [o.start for o in ordered]
        self._first: list[Operation | None] = [None] * (len(ordered) + 1)
        for i in range(len(ordered) - 1, -1, -1):
            rest = self._first[i + 1]
            self._first[i] = ordered[i] if rest is None or ordered[i].end < rest.end else rest

    def after(self, moment: float) -> Operation | None:
        return self._first[bisect_right(self._starts, moment)]
