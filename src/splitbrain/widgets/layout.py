"""Where nodes stand in the panel's diagram: on a circle, the sides of a partition apart. Plain geometry.

Units are those of the SVG's own view box, y downwards; every number is rounded to 0.1, so that the same
cluster gives the same data everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import cos, pi, sin

WIDTH = 680
_MARGIN_X, _MARGIN_Y = 24, 52
"""What is kept free around the nodes: an answer hangs above or below its node and may be wider than it."""
_APART = 0.75
"""The gap between two sides of a partition, in places for a node."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The size of the picture and of a node, and how many lines of its database fit on one."""

    names: tuple[str, ...]
    width: int
    height: int
    card_width: int
    card_height: int
    lines: int

    @property
    def letters(self) -> int:
        """How many letters of a typewriter fit on a line of a node."""
        return int((self.card_width - 22) / 7.9)

    def centres(self, groups: Sequence[Sequence[str]] = ()) -> dict[str, tuple[float, float]]:
        """Where each node stands: on a circle that fills the picture.

        Without `groups` the first is at the top (of an even number: at the upper left), then clockwise. Groups stand
        side by side with a gap between them, the first at the left.

        >>> layout(["n1", "n2", "n3"]).centres([["n1", "n3"], ["n2"]])
        {'n1': (89.0, 104.0), 'n3': (89.0, 356.0), 'n2': (591.0, 230.0)}
        """
        return _centres(self, tuple(map(tuple, groups)))


@lru_cache(256)
def _centres(layout: Layout, groups: tuple[tuple[str, ...], ...]) -> dict[str, tuple[float, float]]:
    if groups:
        names, angles = _sides(groups)
    else:
        names, count = layout.names, len(layout.names)
        start = -pi / 2 - (pi / count if count % 2 == 0 else 0)
        angles = [start + 2 * pi * i / count for i in range(count)]
    xs = _stretch([cos(a) for a in angles], _MARGIN_X + layout.card_width / 2, layout.width)
    ys = _stretch([sin(a) for a in angles], _MARGIN_Y + layout.card_height / 2, layout.height)
    return dict(zip(names, zip(xs, ys, strict=True), strict=True))


def _sides(groups: Sequence[Sequence[str]]) -> tuple[list[str], list[float]]:
    """Every name with its angle, against the clock; the middle of the first group at the left."""
    step = 2 * pi / sum(len(group) + _APART for group in groups)
    names, angles, place = [], [], -(len(groups[0]) - 1) / 2
    for group in groups:
        for name in group:
            names.append(name)
            angles.append(pi - place * step)
            place += 1
        place += _APART
    return names, angles


def layout(names: Sequence[str]) -> Layout:
    """The picture for so many nodes."""
    return Layout(tuple(names), WIDTH, *_sizes(len(names)))


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
