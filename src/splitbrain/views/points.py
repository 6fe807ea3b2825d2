"""The moments at which operations take effect, as numbered points on a timeline.

This is Herlihy and Wing's notion of linearizability (1990) as a picture: a history is right if each interval can be
given a point so that the operations, in the order of their points, are right one after the other.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from splitbrain.records import History, Operation
from splitbrain.views import style
from splitbrain.views.canvas import Canvas
from splitbrain.views.sources import answer, question
from splitbrain.views.staves import Stave

_RADIUS = 7.5  # pixels: between the words above an operation and those below


ROOM = {"nearest": 28}  # pixels between two events: enough for a point
SIGN = (lambda canvas, x, y: canvas.circle(x, y, 6, fill=style.YELLOW, line=1.6),
        "when it takes effect, numbered in that order")
WRONG = (lambda canvas, x, y: _wrong(canvas, x, y, 6), "there its answer is wrong")


def in_order(points: Mapping[int, float], history: History) -> list[Operation]:
    """The operations that have a point, in the order of their points.

    Raises
    ------
    ValueError
        A point outside of its operation's interval, or of an operation that is not in the history.
    """
    known = {o.index: o for o in history}
    for index, at in points.items():
        if index not in known:
            raise ValueError(f"there is a point for operation {index}, which is not in the history")
        o = known[index]
        if not o.start < at < (float("inf") if o.end is None else o.end):
            end = "open" if o.end is None else o.end
            raise ValueError(f"the point of {o} is {at:g}, and not between its beginning {o.start} and its end {end}")
    return sorted((known[index] for index in points), key=lambda o: (points[o.index], o.start))


def draw_points(canvas: Canvas, stave: Stave, heights: Mapping[str, float], points: Mapping[int, float],
                history: History, right: float, wrong: Collection[int] = ()) -> None:
    """Put each point, with its place in the order, where it lies between the events around it.

    `heights` has the height of each process's row.
    """
    anchors, pieces = _anchors(stave), {p.operation.index: p for p in stave.pieces}
    taken: dict[str, float] = {}  # an operation of unknown outcome may have its point under a later one of its row
    for number, o in enumerate(in_order(points, history), 1):
        piece, y = pieces[o.index], heights[str(o.process)]
        x = max(_between(points[o.index], anchors, right), taken.get(str(o.process), 0))
        taken[str(o.process)] = x + 2 * _RADIUS
        if x > piece.right:
            canvas.line([(piece.right, y), (x, y)], colour=style.INK, width=2, dash=(3, 2.5), z=3.1)
        if o.index in wrong:
            _wrong(canvas, x, y, _RADIUS, name=f"point-{o.index}")
        else:
            canvas.circle(x, y, _RADIUS, fill=style.YELLOW, line=1.6, z=6, name=f"point-{o.index}")
        canvas.text(x, y, str(number), size=10.5, weight="bold", align="center", z=7)


def _wrong(canvas: Canvas, x: float, y: float, radius: float, name: str | None = None) -> None:
    corners = [(x - radius, y - radius), (x + radius, y - radius), (x + radius, y + radius), (x - radius, y + radius)]
    canvas.polygon(corners, fill=style.TINTS["vermillion"], edge=style.VERMILLION, width=2.4, z=6, name=name)


def _anchors(stave: Stave) -> list[tuple[float, float]]:
    """Positions in the order of events, and where they stand."""
    begun = [(float(p.operation.start), p.left) for p in stave.pieces if p.begins]
    ended = [(float(p.operation.end), p.right) for p in stave.pieces if p.ends and p.operation.end is not None]
    return sorted(begun + ended)


def _between(at: float, anchors: Sequence[tuple[float, float]], right: float) -> float:
    before = [a for a in anchors if a[0] <= at]
    after = [a for a in anchors if a[0] > at] or [(anchors[-1][0] + 1, min(anchors[-1][1] + 60, right))]
    (p0, x0), (p1, x1) = before[-1], after[0]
    return x0 + (x1 - x0) * min((at - p0) / (p1 - p0), 1)


def words(points: Mapping[int, float], history: History, wrong: Collection[int] = ()) -> str:
    """The order of the points, as a sentence."""
    named = [f"{n} {o.process} {question(o.f, o.key, o.value)} {answer(o.status, o.result, f=o.f)}"
             f"{', which is wrong there' if o.index in wrong else ''}"
             for n, o in enumerate(in_order(points, history), 1)]
    return f"In the order of the points: {'; '.join(named) or 'none'}."
