"""Where the boxes of a dependency graph stand, and where their arrows begin and end."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from splitbrain.views.canvas import Box

Size = tuple[float, float]
Point = tuple[float, float]

GAP = 110  # pixels between boxes that an arrow joins: room for it and its label


def set_out(sizes: Mapping[int, Size], ring: Sequence[int], rest: Sequence[int], width: float) -> dict[int, Box]:
    """The box of each transaction: the ring clockwise round a middle (two of them side by side), the rest below.

    Parameters
    ----------
    sizes : mapping of number to (width, height)
    ring, rest : sequence of int
        Numbers, in the order in which they are to stand.
    width : float
        Pixels that the boxes have; a ring takes more where it must.

    Returns
    -------
    dict of number to Box
        All to the right of 0 and below 0.
    """
    placed = _row(sizes, ring) if len(ring) < 3 else _ring(sizes, ring)
    bottom = max((box.bottom for box in placed.values()), default=-30.0)
    wide = max(width, max((box.right for box in placed.values()), default=0))
    spare = (wide - max((box.right for box in placed.values()), default=wide)) / 2
    placed = {n: _moved(box, spare, 0) for n, box in placed.items()}
    for line in _lines(sizes, rest, wide):
        row = _row(sizes, line, gap=24)
        spare = (wide - max(box.right for box in row.values())) / 2
        top = bottom + 46 - min(box.top for box in row.values())
        placed |= {n: _moved(box, spare, top) for n, box in row.items()}
        bottom = max(placed[n].bottom for n in line)
    return placed


def _row(sizes: Mapping[int, Size], numbers: Sequence[int], gap: float = 1.4 * GAP) -> dict[int, Box]:
    placed, x = {}, 0.0
    tallest = max((sizes[n][1] for n in numbers), default=0)
    for n in numbers:
        wide, high = sizes[n]
        placed[n] = Box(x, (tallest - high) / 2, x + wide, (tallest + high) / 2)
        x += wide + gap
    return placed


def _lines(sizes: Mapping[int, Size], numbers: Sequence[int], width: float) -> list[list[int]]:
    lines: list[list[int]] = []
    left = math.inf
    for n in numbers:
        if left + sizes[n][0] > width:
            lines.append([])
            left = 0
        lines[-1].append(n)
        left += sizes[n][0] + 24
    return lines


def _ring(sizes: Mapping[int, Size], numbers: Sequence[int]) -> dict[int, Box]:
    count = len(numbers)
    # An odd one stands at the top; an even number has two there, so that four make a square.
    first = -math.pi / 2 - (math.pi / count if count % 2 == 0 else 0)
    angles = [first + 2 * math.pi * k / count for k in range(count)]
    wide, high = max(sizes[n][0] for n in numbers), max(sizes[n][1] for n in numbers)
    across, down = 0.5 * (wide + GAP), 0.5 * (high + GAP)
    while True:
        boxes = [_centred(math.cos(a) * across, math.sin(a) * down, sizes[n])
                 for a, n in zip(angles, numbers, strict=True)]
        if all(_apart(boxes[i], boxes[j]) for i in range(count) for j in range(i)):
            break
        across, down = across * 1.06, down * 1.06
    left, top = min(b.left for b in boxes), min(b.top for b in boxes)
    return {n: _moved(box, -left, -top) for n, box in zip(numbers, boxes, strict=True)}


def _apart(one: Box, two: Box) -> bool:
    return not one.meets(two, 0.8 * GAP)


def _centred(x: float, y: float, size: Size) -> Box:
    return Box(x - size[0] / 2, y - size[1] / 2, x + size[0] / 2, y + size[1] / 2)


def _moved(box: Box, x: float, y: float) -> Box:
    return Box(box.left + x, box.top + y, box.right + x, box.bottom + y)


def between(one: Box, two: Box, shift: float = 0) -> tuple[Point, Point]:
    """The ends of an arrow from box to box along the line of their middles, moved to its left by `shift` pixels."""
    (x0, y0), (x1, y1) = _middle(one), _middle(two)
    length = math.hypot(x1 - x0, y1 - y0) or 1
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    x0, y0, x1, y1 = x0 + uy * shift, y0 - ux * shift, x1 + uy * shift, y1 - ux * shift
    out, into = _way_out(one, x0, y0, ux, uy), _way_out(two, x1, y1, -ux, -uy)
    return (x0 + ux * (out + 4), y0 + uy * (out + 4)), (x1 - ux * (into + 4), y1 - uy * (into + 4))


def _middle(box: Box) -> Point:
    return (box.left + box.right) / 2, (box.top + box.bottom) / 2


def _way_out(box: Box, x: float, y: float, ux: float, uy: float) -> float:
    """How far it is from a point in a box to its edge."""
    across = (box.right - x if ux > 0 else x - box.left) / abs(ux) if abs(ux) > 1e-9 else math.inf
    down = (box.bottom - y if uy > 0 else y - box.top) / abs(uy) if abs(uy) > 1e-9 else math.inf
    return min(across, down)
