"""Where things stand in the panel's diagram: nodes on a circle, links from edge to edge. Plain geometry.

Units are those of the SVG's own view box, y downwards; every number is rounded to 0.1, so that the same
cluster gives the same data everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin

WIDTH = 680
_MARGIN_X, _MARGIN_Y = 18, 50
"""What is kept free around the nodes: an answer hangs above or below its node and may be wider than it."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Centres of the nodes, the size of a node, and how many lines of its database fit on it."""

    width: int
    height: int
    card_width: int
    card_height: int
    lines: int
    centres: dict[str, tuple[float, float]]

    @property
    def letters(self) -> int:
        """How many letters of a typewriter fit on a line of a node."""
        return int((self.card_width - 22) / 7.9)

    def outward(self, name: str) -> int:
        """-1 if the node's client stands above it, 1 if below."""
        return -1 if self.centres[name][1] < self.height / 2 - 1 else 1

    def client(self, name: str) -> tuple[float, float]:
        """Where the client of a node stands."""
        x, y = self.centres[name]
        return x, round(y + self.outward(name) * (self.card_height / 2 + 34), 1)

    def between(self, a: str, b: str) -> tuple[float, float, float, float]:
        """The piece of the line from a to b that no node covers, as x1, y1, x2, y2."""
        return *self._edge(a, b), *self._edge(b, a)

    def call(self, home: str) -> tuple[float, float, float, float]:
        """The short way of a message from the client of a node to that node."""
        x, y = self.client(home)
        out = self.outward(home)
        return x, y - out * 11, x, round(self.centres[home][1] + out * self.card_height / 2, 1)

    def _edge(self, a: str, b: str) -> tuple[float, float]:
        (ax, ay), (bx, by) = self.centres[a], self.centres[b]
        dx, dy = bx - ax, by - ay
        if not dx and not dy:
            return ax, ay
        reach = min(
            self.card_width / 2 / abs(dx) if dx else 1,
            self.card_height / 2 / abs(dy) if dy else 1,
        )
        return round(ax + dx * reach, 1), round(ay + dy * reach, 1)


def circle(names: Sequence[str]) -> Layout:
    """Nodes on a circle, the first at the top (of an even number: at the upper left), then clockwise.

    The circle is stretched until it fills the picture.

    >>> circle(["n1", "n2"]).centres
    {'n1': (83.0, 135.0), 'n2': (597.0, 135.0)}
    """
    height, card_width, card_height, lines = _sizes(len(names))
    start = -pi / 2 - (pi / len(names) if len(names) % 2 == 0 else 0)
    angles = [start + 2 * pi * i / len(names) for i in range(len(names))]
    xs = _stretch([cos(a) for a in angles], _MARGIN_X + card_width / 2, WIDTH)
    ys = _stretch([sin(a) for a in angles], _MARGIN_Y + card_height / 2, height)
    centres = dict(zip(names, zip(xs, ys, strict=True), strict=True))
    return Layout(WIDTH, height, card_width, card_height, lines, centres)


def _sizes(nodes: int) -> tuple[int, int, int, int]:
    """Height of the picture; width, height and lines of a node."""
    if nodes <= 5:
        return 460 if nodes > 2 else 270, 130, 104, 4
    return (480, 112, 86, 3) if nodes <= 8 else (600, 100, 70, 2)


def _stretch(values: list[float], margin: float, size: float) -> list[float]:
    """Map the values linearly so that the least lies at `margin` and the greatest at ``size - margin``."""
    low, high = min(values), max(values)
    if high - low < 1e-9:
        return [round(size / 2, 1)] * len(values)
    return [round(margin + (v - low) / (high - low) * (size - 2 * margin), 1) for v in values]
