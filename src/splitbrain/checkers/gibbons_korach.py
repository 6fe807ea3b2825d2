"""Registers whose written values all differ, in O(n log n): Gibbons and Korach's zones.

Where every value is written once, each read names the one write that it saw. A *cluster* is a write and the reads
that returned its value. In any order that explains the answers a cluster stands in one piece: its write, then its
reads, with no other write between. So operations have not to be ordered, only clusters.

A cluster's *zone* is the time between the first end of any of its operations and the last beginning of any of
them. If the first end comes first, the zone is *forward*: some operation of the cluster was over before another
began, so at every moment of the zone the register has to hold this value. If not, the zone is *backward*: all of
the cluster's operations were in progress throughout it, and the whole cluster fits into any moment of it. Hence

- a read that was over before its value's write began cannot be explained;
- two forward zones must not overlap: at a common moment the register would hold two values;
- a backward zone must not lie inside a forward one: every moment of it is taken;

and where none of this is so, an order exists: forward zones in the order of time, and each backward zone at a
moment of its own that no forward zone covers.

Source: P. B. Gibbons and E. Korach, "Testing shared memories", SIAM Journal on Computing 26(4), 1997: the problem of
verifying linearizability with a read-mapping, here given by the values. Operations of unknown outcome are our
addition: such a write never ends, so it is as good as absent where nobody read its value, and never the first of its
cluster to end where somebody did.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from splitbrain.checkers.models import READS, WRITES
from splitbrain.checkers.values import frozen
from splitbrain.records import OK, Operation

INFINITY = float("inf")


@dataclass(frozen=True, slots=True)
class Conflict:
    """Why no order exists.

    `kind` is ``nowhere`` (a read of a value that nobody wrote), ``future`` (a read that was over before the write
    of its value began) or ``zones``. Of ``nowhere`` and ``future``, `operations` are the read, and the write if
    there is one.

    Of ``zones`` they are (a, b, c, d): a and d are of one cluster, b and c of another, a was over before b began
    and c was over before d began. So the one value must come before the other and after it. The initial value's
    write is None, and stands before everything.
    """

    kind: str
    operations: tuple[Operation | None, ...]


@dataclass(slots=True)
class _Cluster:
    """A write and its reads; when, and which, was the first of them to end; when the last began."""

    write: Operation | None = None
    reads: list[Operation] = field(default_factory=list)
    ends: float = INFINITY
    begins: float = -1
    first: Operation | None = None

    @property
    def operations(self) -> list[Operation]:
        return self.reads if self.write is None else [self.write, *self.reads]

    def next_after(self, moment: float) -> Operation:
        """The first of its operations to begin after this moment; there is one."""
        return min((o for o in self.operations if o.start > moment), key=lambda o: o.start)

    def measure(self, initial: bool) -> None:
        if initial:
            self.ends, self.begins = -1, -2
        for o in self.operations:
            end = _end(o)
            if end < self.ends:
                self.ends, self.first = end, o
            self.begins = max(self.begins, o.start)


def applies(operations: Sequence[Operation], initial: Any) -> bool:
    """Whether these are reads and writes only, of values that differ from each other and from the initial one."""
    written = [frozen(o.value) for o in operations if o.f in WRITES]
    return (len(set(written)) == len(written) and initial not in written
            and all(o.f in READS or o.f in WRITES for o in operations))


def conflict(operations: Sequence[Operation], initial: Any) -> Conflict | None:
    """What keeps the operations on one register from being linearizable; None if nothing does.

    Parameters
    ----------
    operations : sequence of Operation
        Such that `applies` is true of them, without those that failed.
    initial : hashable
        What the register holds before it is written.

    Returns
    -------
    Conflict or None
    """
    clusters: dict[Any, _Cluster] = {initial: _Cluster()}
    for o in operations:
        if o.f in WRITES:
            clusters[frozen(o.value)] = _Cluster(write=o)
    for o in operations:
        if o.f in READS and o.status == OK:
            cluster = clusters.get(frozen(o.result))
            if cluster is None:
                return Conflict("nowhere", (o,))
            if cluster.write is not None and _end(o) < cluster.write.start:
                return Conflict("future", (o, cluster.write))
            cluster.reads.append(o)
    for value, cluster in clusters.items():
        cluster.measure(value == initial and cluster.write is None)
    return _overlap([c for c in clusters.values() if c.ends < INFINITY])


def _overlap(clusters: list[_Cluster]) -> Conflict | None:
    """The conflict of zones that shows first, if there is one."""
    forward = sorted((c for c in clusters if c.ends < c.begins), key=lambda c: c.ends)
    # If any two forward zones overlap, then two that are neighbours by their beginnings do.
    pairs = [(one, two) for one, two in zip(forward, forward[1:], strict=False) if two.ends < one.begins]
    starts = [c.ends for c in forward]
    for inner in clusters:
        if inner.begins <= inner.ends:
            place = bisect_left(starts, inner.begins) - 1
            if place >= 0 and inner.ends < forward[place].begins:
                pairs.append((forward[place], inner))
    if not pairs:
        return None
    return _conflict(*min(pairs, key=lambda pair: max(pair[0].ends, pair[1].ends)))


def _conflict(one: _Cluster, two: _Cluster) -> Conflict:
    a, b, c, d = one.first, two.next_after(one.ends), two.first, one.next_after(two.ends)
    # Told from the operation that began last, unless that would name the initial value's write as a cause.
    if b.start > d.start and a is not None:
        a, b, c, d, two = c, d, a, b, one
    # Where one operation of the other cluster lies between the two, three tell it more plainly than four.
    between = [o for o in two.operations if a is not None and _end(a) < o.start and _end(o) < d.start]
    return Conflict("zones", (a, between[0], between[0], d) if between else (a, b, c, d))


def _end(operation: Operation) -> float:
    return INFINITY if operation.end is None or operation.status != OK else operation.end
