"""Where the operations of a timeline stand: intervals on staves, broken like lines of music where they are too long."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median

from splitbrain.records import UNKNOWN, History, Operation
from splitbrain.views.style import text_width

SMALL = 11
_NEAREST, _FARTHEST = 8, 34  # pixels between two moments
_TAIL = 26  # pixels for the open end of an operation whose outcome is unknown


@dataclass(frozen=True)
class Moment:
    """The beginning or the end of an operation; `order` is its place among all of them."""

    order: float
    time: float
    begins: bool
    operation: Operation


@dataclass
class Piece:
    """The part of an operation that stands on one stave."""

    operation: Operation
    left: float
    right: float = 0
    begins: bool = True  # its beginning is on this stave
    ends: bool = False  # its end is


@dataclass
class Stave:
    """One line: a row a process. `moments` are the times of its events and where they stand."""

    pieces: list[Piece] = field(default_factory=list)
    moments: list[tuple[float, float]] = field(default_factory=list)

    def x(self, time: float, left: float, right: float) -> float:
        """Where a time stands, between the events around it."""
        before = [m for m in self.moments if m[0] <= time]
        after = [m for m in self.moments if m[0] > time]
        if not before:
            return left
        if not after:
            return right
        (t0, x0), (t1, x1) = before[-1], after[0]
        return x0 + (x1 - x0) * (time - t0) / (t1 - t0)


def moments_of(history: History) -> list[Moment]:
    """Beginnings and ends in their order. Where an unknown operation was given up is known by its time only."""
    known = [Moment(o.start, o.invoked, True, o) for o in history]
    known += [Moment(o.end, o.returned if o.returned is not None else o.invoked, False, o)
              for o in history if o.end is not None]
    known.sort(key=lambda m: m.order)
    given_up = []
    for o in history:
        if o.end is None and o.returned is not None:
            later = [p.start for p in history if p.process == o.process and p.start > o.start]
            before = [m.order for m in known if m.time <= o.returned and m.order < min(later, default=float("inf"))]
            given_up.append(Moment(max([*before, o.start]) + 0.5, o.returned, False, o))
    return sorted(known + given_up, key=lambda m: (m.order, m.operation.index))


def set_out(history: History, words: dict[int, tuple[str, str]], left: float, right: float, *,
            nearest: float = _NEAREST) -> list[Stave]:
    """Give every moment its place, so far apart that the words of each operation fit to it.

    `words` are what stands above and below an operation, by its index; `nearest` is how many pixels apart two
    moments are at least.
    """
    moments = moments_of(history)
    steps = [b.time - a.time for a, b in zip(moments, moments[1:], strict=False) if b.time > a.time]
    scale = 16 / median(steps) if steps else 0
    staves, running = [Stave()], {}
    free: dict = {}  # by process: up to where its row is taken
    x, before = left, None
    for moment in moments:
        o = moment.operation
        above, below = (text_width(word, SMALL) for word in words[o.index])
        near = x if before is None else x + max(min((moment.time - before.time) * scale, _FARTHEST), nearest)
        at = _wanted(moment, near, running, free, above, below, left)
        if before is not None and at + (above if moment.begins else 0) > right:
            running = _turn(staves, running, left, right)
            free = {}
            at = left + 8 if moment.begins else max(left + 8, left + below + 8)
        stave = staves[-1]
        if moment.begins:
            stave.pieces.append(piece := Piece(o, at))
            running[o.process] = piece
            free[o.process] = at + above + 10
        elif (piece := running.pop(o.process, None)) is not None:
            piece.right, piece.ends = at, True
            open_end = _TAIL if o.status == UNKNOWN else 0
            free[o.process] = max(at, piece.left + above if piece.begins else 0) + 12 + open_end
        stave.moments.append((moment.time, at))
        x, before = at, moment
    for piece in running.values():
        piece.right = max(x + 20, min(free.get(piece.operation.process, 0), right))
    return staves


def _wanted(moment: Moment, near: float, running: dict, free: dict, above: float, below: float, left: float) -> float:
    process = moment.operation.process
    if moment.begins:
        return max(near, free.get(process, left))
    piece = running.get(process)
    if piece is None:
        return near
    return max(near, piece.left + max(above + 4 if piece.begins else 0, below + 4, 14))


def _turn(staves: list[Stave], running: dict, left: float, right: float) -> dict:
    """Begin a new stave; what is running goes on there."""
    staves.append(Stave())
    carried = {}
    for process, piece in running.items():
        piece.right = right
        carried[process] = Piece(piece.operation, left, begins=False)
        staves[-1].pieces.append(carried[process])
    return carried

