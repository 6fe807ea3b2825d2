"""A sheet to draw on: matplotlib artists, placed in pixels from the top left corner.

Pictures of runs are diagrams, not plots: every line and letter has its place, so that nothing overlaps. Hence one
axes without ticks over the whole figure, in which one unit is one pixel of the SVG.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import NamedTuple

from splitbrain.views.style import FRAME, INK, PAPER, RULE, SOFT, clean, font, text_width


class Box(NamedTuple):
    """A rectangle, in pixels; y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box, margin: float = 0) -> bool:
        """Whether the two share any area, or come nearer than `margin`."""
        return (self.left < other.right + margin and other.left < self.right + margin
                and self.top < other.bottom + margin and other.top < self.bottom + margin)


def text_box(x: float, y: float, text: str, *, size: float = 12, align: str = "left", weight: str = "normal") -> Box:
    """The box of a line of text centred vertically on `y`."""
    width = text_width(text, size, weight)
    left = {"left": x, "center": x - width / 2, "right": x - width}[align]
    return Box(left, y - size * 0.6, left + width, y + size * 0.6)


@contextlib.contextmanager
def plain_settings() -> Iterator[None]:
    """Matplotlib as it comes from the box, whatever style sheet or matplotlibrc the reader has."""
    import matplotlib

    left_alone = ("backend", "interactive", "webagg", "date")  # no looks, and setting some has effects
    settings = {k: v for k, v in matplotlib.rcParamsDefault.items() if not k.startswith(left_alone)}
    with matplotlib.rc_context(settings | {"svg.fonttype": "path", "svg.hashsalt": "splitbrain", "hatch.linewidth": 1}):
        yield


class Canvas:
    """A figure of `width` times `height` pixels; see the methods for what can be put on it."""

    def __init__(self, width: float, height: float):
        from matplotlib.figure import Figure

        self.width, self.height = round(width), round(height)
        self.figure = Figure(figsize=(self.width / 72, self.height / 72), dpi=72)
        self.figure.patch.set_visible(False)
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(0, self.width), ylim=(self.height, 0))
        self.axes.set_axis_off()
        self.box(0.5, 0.5, self.width - 1, self.height - 1, fill=PAPER, edge=FRAME, radius=6, z=-9)

    def _add(self, artist, name: str | None):
        artist.set_clip_on(False)
        if name:
            artist.set_gid(f"sb-{name}")
        self.axes.add_artist(artist)

    def text(self, x: float, y: float, text: str, *, size: float = 12, colour: str = INK, align: str = "left",
             weight: str = "normal", ground: str | None = None, name: str | None = None, z: float = 5) -> Box:
        """One line of text, its middle at height `y`; `ground` clears what lies behind it."""
        from matplotlib.text import Text

        box = text_box(x, y, text, size=size, align=align, weight=weight)
        if ground:
            self.box(box.left - 3, box.top, box.right - box.left + 6, box.bottom - box.top, fill=ground, edge=None,
                     z=z - 0.1)
        properties = font(weight).copy()
        properties.set_size(size)
        # The baseline is placed by hand: centring by the letters' own extent would make a line with a p jump.
        self._add(Text(x, y + size * 0.36, clean(text), fontproperties=properties, color=colour, ha=align,
                       va="baseline", parse_math=False, zorder=z), name)
        return box

    def upright(self, x: float, bottom: float, text: str, *, size: float = 12, colour: str = INK) -> None:
        """A line of text that reads upwards from `bottom`, its middle at `x`."""
        from matplotlib.text import Text

        properties = font().copy()
        properties.set_size(size)
        self._add(Text(x + size * 0.36, bottom, clean(text), fontproperties=properties, color=colour, rotation=90,
                       rotation_mode="anchor", ha="left", va="baseline", parse_math=False, zorder=5), None)

    def line(self, points, *, colour: str = RULE, width: float = 1, dash: tuple | None = None,
             name: str | None = None, z: float = 2) -> None:
        """A line through `points`; `dash` is pixels on, pixels off."""
        from matplotlib.lines import Line2D

        xs, ys = zip(*points, strict=True)
        style = (0, tuple(d / width for d in dash)) if dash else "-"
        self._add(Line2D(xs, ys, color=colour, linewidth=width, linestyle=style, zorder=z, solid_capstyle="round",
                         dash_capstyle="butt"), name)

    def polygon(self, points, *, fill: str | None = INK, edge: str | None = None, width: float = 1,
                name: str | None = None, z: float = 3) -> None:
        """A closed shape."""
        from matplotlib.patches import Polygon

        self._add(Polygon(points, closed=True, facecolor=fill or "none", edgecolor=edge or "none", linewidth=width,
                          joinstyle="round", zorder=z), name)

    def arrow(self, start, end, *, colour: str = INK, width: float = 1.2, dash: tuple | None = None, head: float = 7,
              name: str | None = None, z: float = 3) -> None:
        """A straight arrow whose tip is at `end`."""
        (x0, y0), (x1, y1) = start, end
        length = max(((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5, 1e-9)
        ux, uy = (x1 - x0) / length, (y1 - y0) / length
        bx, by = x1 - ux * head, y1 - uy * head
        self.line([start, (bx, by)], colour=colour, width=width, dash=dash, name=name, z=z)
        w = head * 0.42
        self.polygon([(x1, y1), (bx - uy * w, by + ux * w), (bx + uy * w, by - ux * w)], fill=colour, z=z + 0.1)

    def box(self, x: float, y: float, width: float, height: float, *, fill: str | None = None,
            edge: str | None = INK, line: float = 1, radius: float = 0, hatch: str | None = None,
            dash: tuple | None = None, name: str | None = None, z: float = 1) -> None:
        """A rectangle, its corners rounded by `radius`; a hatch is drawn in the colour of the edge."""
        from matplotlib.patches import FancyBboxPatch, Rectangle

        style = (0, tuple(d / line for d in dash)) if dash else "-"
        look = {"facecolor": fill or "none", "edgecolor": edge or "none", "linewidth": line if edge else 0,
                "linestyle": style, "hatch": hatch, "joinstyle": "round", "zorder": z}
        if radius:
            rounded = f"round,pad=0,rounding_size={min(radius, width / 2, height / 2)}"
            self._add(FancyBboxPatch((x, y), width, height, boxstyle=rounded, **look), name)
        else:
            self._add(Rectangle((x, y), width, height, **look), name)

    def circle(self, x: float, y: float, radius: float, *, fill: str | None = PAPER, edge: str | None = INK,
               line: float = 1, hatch: str | None = None, name: str | None = None, z: float = 4) -> None:
        """A circle round a point."""
        from matplotlib.patches import Circle

        self._add(Circle((x, y), radius, facecolor=fill or "none", edgecolor=edge or "none", linewidth=line,
                         hatch=hatch, zorder=z), name)

    def cross(self, x: float, y: float, radius: float = 5, *, colour: str = INK, width: float = 2,
              name: str | None = None, z: float = 5) -> None:
        """Two strokes that cross: lost, cut, crashed."""
        self.line([(x - radius, y - radius), (x + radius, y + radius)], colour=colour, width=width, name=name, z=z)
        self.line([(x - radius, y + radius), (x + radius, y - radius)], colour=colour, width=width, z=z)


def legend(canvas: Canvas, x: float, y: float, entries, *, size: float = 11, gap: float = 18) -> float:
    """Signs and their meaning, in a row that wraps; returns the bottom. `entries`: (draw(canvas, x, y), text)."""
    left = x
    for draw, text in entries:
        width = 26 + text_width(text, size)
        if left + width > canvas.width - 12 and left > x:
            left, y = x, y + size * 1.75
        draw(canvas, left + 10, y)
        canvas.text(left + 26, y, text, size=size, colour=SOFT)
        left += width + gap
    return y + size


def legend_lines(width: float, x: float, texts, *, size: float = 11, gap: float = 18) -> int:
    """How many lines `legend` will take on a canvas of this width."""
    left, lines = x, 1
    for text in texts:
        entry = 26 + text_width(text, size)
        if left + entry > width - 12 and left > x:
            left, lines = x, lines + 1
        left += entry + gap
    return lines
