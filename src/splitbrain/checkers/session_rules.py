"""Session guarantees: which version of a key must come before which, and why. `sessions` says what the rules are.

What a session did follows from what it did last, so each rule gives a constraint or two for an operation, not one for
every pair; the others follow from these.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from splitbrain.checkers.explain import told, who
from splitbrain.checkers.graphs import inside
from splitbrain.checkers.models import READS, WRITES
from splitbrain.checkers.values import frozen
from splitbrain.records import OK, UNKNOWN, History, Operation

EFFORT = 5_000_000  # steps from an operation to what its session had done before, less than a minute
Version = tuple[Any, Any]  # (key, value): the initial version of a key is (key, None)


@dataclass(frozen=True, slots=True)
class Seen:
    """Why a version had been seen: it was read or written, or `write` was seen, and its session had read or written it.

    `by` is why the write had been seen.
    """

    operation: Operation
    write: Operation | None = None
    by: Seen | None = None


@dataclass(frozen=True, slots=True)
class Before:
    """One version of a key must come before another or (not `strict`) be the same: it had been `seen` before `last`.

    The initial version comes first without any reason.
    """

    one: Version
    other: Version
    seen: Seen | None = None
    last: Operation | None = None
    strict: bool = False

    @property
    def because(self) -> tuple[Operation, ...]:
        """The operations: what made a write visible, the write, what its session had done before, ..., the last."""
        steps, seen = [], self.seen
        while seen is not None:
            steps += [seen.operation, *([] if seen.write is None else [seen.write])]
            seen = seen.by
        return (*reversed(steps), *([] if self.last is None else [self.last]))

    @property
    def reason(self) -> str:
        first, *steps, last = self.because
        seen = "".join(f", which {who(write)} wrote after it {_did(o)}"
                       for write, o in zip(steps[::2], steps[1::2], strict=True))
        return told(last) + ("" if first is last else f" after it {_did(first)}") + seen


class TooMuch(Exception):
    """What is to be looked at is more than `EFFORT`."""


class Sessions:
    """What each session did, and which write made each version: what the rules below look things up in."""

    def __init__(self, operations: Iterable[Operation]):
        happened = sorted((o for o in operations if o.status == OK or (o.status == UNKNOWN and o.f in WRITES)),
                          key=lambda o: o.start)
        self.own = History(happened).by_process()
        self.odd: list[Any] = []  # those whose own reads go back, once a rule has left them out
        self.effort = 0
        # Each write with its place among what its session did.
        self.writer = {version_of(o): (o, i) for own in self.own.values() for i, o in enumerate(own) if o.f in WRITES}

    def initial_first(self) -> Iterator[Before]:
        for own in self.own.values():
            for o in own:
                yield Before((frozen(o.key), None), version_of(o))

    def in_turn(self, first: frozenset[str], second: frozenset[str]) -> Iterator[Before]:
        """For each operation of `second` the last one of `first` that its session had done before on that key."""
        for own in self.own.values():
            latest: dict[Any, Operation] = {}
            for o in own:
                version = version_of(o)
                if o.f in second and version[0] in latest:
                    before = latest[version[0]]
                    yield Before(version_of(before), version, Seen(before), o, strict=o.f in WRITES)
                if o.f in first and o.status == OK:
                    latest[version[0]] = o


Rule = Callable[[Sessions], Iterator[Before]]


def own_order(sessions: Sessions) -> Iterator[Before]:
    return sessions.in_turn(WRITES, WRITES)


def own_writes(sessions: Sessions) -> Iterator[Before]:
    return sessions.in_turn(WRITES, READS)


def own_reads(sessions: Sessions) -> Iterator[Before]:
    return sessions.in_turn(READS, READS)


def read_then_written(sessions: Sessions) -> Iterator[Before]:
    """What a session reads comes before what it writes: all that it read since its last write, as reads may go back."""
    for own in sessions.own.values():
        read: dict[Any, dict[Version, Operation]] = {}
        for o in own:
            version = version_of(o)
            since = read.setdefault(version[0], {})
            if o.f in READS:
                since[version] = o
            else:
                yield from (Before(one, version, Seen(a), o, strict=True) for one, a in since.items())
                if o.status == OK:
                    since.clear()


def seen_with(f: frozenset[str]) -> Rule:
    """Who has read a version has seen what its writer had done (f) before it, and so on from there."""
    def rule(sessions: Sessions) -> Iterator[Before]:
        for own in sessions.own.values():
            reads = [o for o in own if o.f in READS]
            if _goes_back(sessions, reads):
                sessions.odd.append(reads[0].process)
            else:
                yield from _Sight(sessions, f).by(reads)
    return rule


def _goes_back(sessions: Sessions, reads: Sequence[Operation]) -> bool:
    """Whether these reads of one session are not monotonic by themselves."""
    versions = [version for version in dict.fromkeys(map(version_of, reads)) if version in sessions.writer]
    alone, written = Sessions(reads), Sessions(sessions.writer[version][0] for version in versions)
    return bool(rings([*alone.initial_first(), *written.initial_first(), *own_reads(alone), *own_order(written)]))


class _Sight:
    """What one session has seen so far, directly or by what was there before it."""

    def __init__(self, sessions: Sessions, f: frozenset[str]):
        self._sessions, self._f = sessions, f
        self._seen: dict[Version, Seen] = {}
        self._new: dict[Any, list[Version]] = {}  # of each key, what was seen since the session last read it
        self._done: dict[Any, int] = {}  # of each session, how much of what it did has been looked at

    def by(self, reads: Iterable[Operation]) -> Iterator[Before]:
        for read in reads:
            version = version_of(read)
            self._see(version, read)
            for one in self._new.pop(version[0], ()):
                if one != version:
                    yield Before(one, version, self._seen[one], read)
            self._seen[version] = Seen(read)
            self._new[version[0]] = [version]  # what was seen earlier comes before this one, as was just said

    def _see(self, version: Version, read: Operation) -> None:
        self._seen.setdefault(version, Seen(read))
        waiting = deque([version])
        while waiting:
            version = waiting.popleft()
            write, place = self._sessions.writer.get(version, (None, 0))
            for o in self._before(write, place) if write is not None else ():
                earlier = version_of(o)
                if earlier not in self._seen:
                    self._seen[earlier] = Seen(o, write, self._seen[version])
                    waiting.append(earlier)
                    if earlier[0] != version[0]:  # if it is, the writer's session itself says which comes first
                        self._new.setdefault(earlier[0], []).append(earlier)

    def _before(self, write: Operation, place: int) -> Iterator[Operation]:
        """What the writer's session had done before, as far as it was not yet looked at."""
        begin = self._done.get(write.process, 0)
        self._done[write.process] = max(begin, place)
        self._sessions.effort += max(place - begin, 0)
        if self._sessions.effort > EFFORT:
            raise TooMuch
        return (o for o in self._sessions.own[write.process][begin:place] if o.status == OK and o.f in self._f)


def rings(constraints: Iterable[Before]) -> list[tuple[Version, Version, Before]]:
    """Those that lie on rings."""
    edges = {}
    for before in constraints:
        if before.strict or before.one != before.other:
            edges.setdefault((before.one, before.other), before)
    return inside([(*pair, before) for pair, before in edges.items()])


def version_of(o: Operation) -> Version:
    return frozen(o.key), frozen(o.value if o.f in WRITES else o.result)


def _did(o: Operation) -> str:
    return told(o)[len(who(o)) + 1:]
