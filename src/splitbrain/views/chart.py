"""Curves over two axes, in a rectangle of a canvas: what theory says, or what was measured over time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10

from splitbrain.views import style
from splitbrain.views.canvas import Box, Canvas, text_box

_MOST_POINTS = 300  # of a curve: more than the eye can tell apart, and every one is bytes in a notebook


@dataclass(frozen=True)
class Axis:
    """From `low` to `high`; with `log` in powers of ten, and what is below `low` is drawn at `low`."""

    label: str
    low: float
    high: float
    log: bool = False
    spell: Callable[[float], str] = "{:g}".format

    def share(self, value: float) -> float:
        """How far along the axis a value lies, from 0 to 1; beyond its ends, at its ends."""
        if self.log:
            value, low, high = (log10(max(x, self.low)) for x in (value, self.low, self.high))
        else:
            low, high = self.low, self.high
        return min(max((value - low) / (high - low), 0.0), 1.0)

    def ticks(self, most: int) -> list[float]:
        """At most so many round values.

        >>> Axis("ms", 0, 70).ticks(6)
        [0, 20, 40, 60]
        """
        if self.log:
            first, last = ceil(log10(self.low) - 1e-9), floor(log10(self.high) + 1e-9)
            return [10.0**p for p in range(first, last + 1, max(1, ceil((last - first + 1) / most)))]
        rough = (self.high - self.low) / most
        power = 10 ** floor(log10(rough))
        step = next(step for step in (power, 2 * power, 5 * power, 10 * power, 20 * power)
                    if floor(self.high / step + 1e-9) - ceil(self.low / step - 1e-9) < most)
        return [round(i * step, 9) for i in range(ceil(self.low / step - 1e-9), floor(self.high / step + 1e-9) + 1)]


class Chart:
    """Axes drawn into a rectangle of a canvas; the methods put curves and marks between them.

    `box` is all that the chart takes, its words included; `beside` are the pixels for the words of the y axis, where
    two charts have to stand exactly above each other.
    """

    def __init__(self, canvas: Canvas, box: Box, x: Axis, y: Axis, title: str = "", *, beside: float = 0):
        self.canvas, self.x, self.y = canvas, x, y
        down = y.ticks(max(2, int((box.bottom - box.top) / 40)))
        beside = beside or max(style.text_width(y.spell(tick), 11) for tick in down) + 10
        self.inside = Box(box.left + beside, box.top + (48 if title else 26), box.right - 8, box.bottom - 38)
        if title:
            canvas.text(box.left, box.top + 8, title, weight="bold")
        canvas.text(box.left, self.inside.top - 17, y.label, size=11, colour=style.SOFT)
        canvas.text(self.inside.right, box.bottom - 8, x.label, size=11, colour=style.SOFT, align="right")
        self._axes(down)

    def _axes(self, down: list[float]) -> None:
        left, top, right, bottom = self.inside
        for tick in down:
            height = self.at(self.x.low, tick)[1]
            self.canvas.line([(left, height), (right, height)], colour=style.FRAME)
            self.canvas.text(left - 6, height, self.y.spell(tick), size=11, colour=style.SOFT, align="right")
        taken = -1e9
        for tick in self.x.ticks(max(2, int((right - left) / 48))):
            across = self.at(tick, self.y.low)[0]
            self.canvas.line([(across, bottom), (across, bottom + 4)])
            words = text_box(across, bottom + 14, self.x.spell(tick), size=11, align="center")
            if words.left > taken + 4:
                self.canvas.text(across, bottom + 14, self.x.spell(tick), size=11, colour=style.SOFT, align="center")
                taken = words.right
        self.canvas.line([(left, bottom), (right, bottom)])

    def at(self, x: float, y: float) -> tuple[float, float]:
        """The pixel of a point; of one outside of the axes, the nearest inside."""
        left, top, right, bottom = self.inside
        return left + (right - left) * self.x.share(x), bottom - (bottom - top) * self.y.share(y)

    def curve(self, points: Sequence[tuple[float, float]], *, colour: str = style.BLUE, width: float = 2,
              dash: tuple | None = None) -> None:
        """A line through points, thinned where there are more than can be seen."""
        every = max(1, ceil(len(points) / _MOST_POINTS))
        kept = [*points[::every], *([points[-1]] if (len(points) - 1) % every else [])]
        self.canvas.line([self.at(*point) for point in kept], colour=colour, width=width, dash=dash)

    def steps(self, points: Sequence[tuple[float, float]], *, colour: str = style.BLUE, width: float = 1.6,
              fill: str | None = None) -> None:
        """A line that stays level from each point to the next. Of many, the highest in each stretch is drawn."""
        seen = _peaks(points, self.x)
        corners = [corner for (x0, y0), (x1, y1) in pairwise(seen) for corner in ((x0, y0), (x1, y0))] + seen[-1:]
        line = [self.at(*corner) for corner in corners]
        if fill:
            bottom = self.inside.bottom
            self.canvas.polygon([(line[0][0], bottom), *line, (line[-1][0], bottom)], fill=fill, z=1.5)
        self.canvas.line(line, colour=colour, width=width)

    def level(self, y: float, text: str, *, colour: str = style.SOFT, dash: tuple | None = (5, 4)) -> None:
        """A horizontal line, and what it is."""
        left, _, right, _ = self.inside
        height = self.at(self.x.low, y)[1]
        self.canvas.line([(left, height), (right, height)], colour=colour, width=1.4, dash=dash)
        self.canvas.text(right - 4, height - 9, text, size=11, align="right", ground=style.PAPER, z=4)

    def band(self, begin: float, end: float, text: str = "") -> None:
        """A stretch of x, shaded."""
        left, right = self.at(begin, 0)[0], self.at(end, 0)[0]
        _, top, _, bottom = self.inside
        self.canvas.box(left, top, right - left, bottom - top, fill=style.SHADE, edge=None, z=0)
        if text:
            self.canvas.text((left + right) / 2, top + 8, text, size=11, colour=style.SOFT, align="center", z=4)

    def mark(self, x: float, y: float, text: str = "", *, shape: str = "circle", colour: str = style.INK) -> None:
        """A point with its words on its right, or on its left where there is no room."""
        across, height = self.at(x, y)
        if shape == "circle":
            self.canvas.circle(across, height, 5, fill=colour, z=6)
        else:
            around = [(across, height - 7), (across + 7, height), (across, height + 7), (across - 7, height)]
            self.canvas.polygon(around, fill=colour, edge=style.INK, z=6)
        if text:
            width = style.text_width(text, 11)
            align, aside = ("left", 11) if across + 11 + width < self.inside.right else ("right", -11)
            high = height + 16 if height < self.inside.top + 40 else height - 14
            self.canvas.text(across + aside, high, text, size=11, align=align, ground=style.PAPER, z=6)


def _peaks(points: Sequence[tuple[float, float]], axis: Axis) -> list[tuple[float, float]]:
    """Of each stretch of the axis, of which there are as many as can be told apart, its highest point and its last."""
    if len(points) <= _MOST_POINTS:
        return list(points)
    stretches: dict[int, list[tuple[float, float]]] = {}
    for point in points:
        stretches.setdefault(int(axis.share(point[0]) * _MOST_POINTS / 2), []).append(point)
    return sorted({choice for stretch in stretches.values()
                   for choice in (stretch[0], max(stretch, key=lambda p: p[1]), stretch[-1])})
