"""A few curves over one axis, each with its own colour and dash, and measured points among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from splitbrain.views import style
from splitbrain.views.canvas import Box, Canvas, legend, legend_lines, plain_settings
from splitbrain.views.chart import Axis, Chart
from splitbrain.views.picture import Picture

Points = Sequence[tuple[float, float]]

_LOOKS = [(style.BLUE, None), (style.VERMILLION, (6, 3)), (style.GREEN, (2, 2)), (style.INK, (8, 3, 2, 3)),
          (style.SOFT, (12, 4)), (style.RUST, (1, 3))]
_SHAPES = ("circle", "diamond")
_TOLD = 12  # points of a curve that the table holds


def curves(lines: Mapping[str, Points], *, dots: Mapping[str, Points] | None = None, x: str, y: str, title: str = "",
           steps: bool = False, percent: bool = False, high: float | None = None, width: float = 760) -> Picture:
    """Draw curves and measured points on the same axes.

    Parameters
    ----------
    lines : mapping of str to sequence of (float, float)
        A name, and the points of its curve, from left to right; at most six.
    dots : mapping of str to sequence of (float, float), optional
        The same for points that are not joined; at most two.
    x, y : str
        What the axes say.
    steps : bool
        Whether a curve stays level from each point to the next.
    percent : bool
        Whether `y` is a share, from 0 to 1.
    high : float, optional
        Where the y axis ends; by default at the highest point.

    Returns
    -------
    Picture
        Its table has every dot, and of each curve up to 12 points.

    Examples
    --------
    >>> print(curves({"doubles": [(0, 1), (1, 2), (2, 4)]}, x="round", y="nodes").alt)
    Curves: nodes over round.
    doubles: from 1 at 0 to 4 at 2.
    """
    dots = dots or {}
    if not 1 <= len(lines) <= len(_LOOKS) or len(dots) > len(_SHAPES) or not all([*lines.values(), *dots.values()]):
        raise ValueError(f"curves draws 1 to {len(_LOOKS)} curves and at most {len(_SHAPES)} sorts of dots, none "
                         f"empty; got {len(lines)} and {len(dots)}")
    spell = "{:.0%}".format if percent else "{:g}".format
    known = [point for points in (*lines.values(), *dots.values()) for point in points]
    across = Axis(x, min(px for px, _ in known), max(px for px, _ in known))
    up = Axis(y, min(0, *(py for _, py in known)), high or (1 if percent else max(py for _, py in known)), spell=spell)
    with plain_settings():
        figure = _draw(lines, dots, across, up, title, steps, width)
    return Picture.from_figure(figure, _alt(lines, dots, x, y, title, percent), _table(lines, dots, x, y))


def _draw(lines, dots, across: Axis, up: Axis, title: str, steps: bool, width: float):
    below = 18 + 19 * legend_lines(width, 20, [*lines, *dots])
    canvas = Canvas(width, 300 + below)
    chart = Chart(canvas, Box(20, 16, width - 16, 300), across, up, title)
    entries = []
    for (name, points), (colour, dash) in zip(lines.items(), _LOOKS, strict=False):
        pairs = list(points)
        if steps:
            pairs = [corner for (x0, y0), (x1, _) in zip(pairs, pairs[1:], strict=False)
                     for corner in ((x0, y0), (x1, y0))] + pairs[-1:]
        chart.curve(pairs, colour=colour, dash=dash)
        entries.append((_stroke(colour, dash), name))
    for (name, points), shape in zip(dots.items(), _SHAPES, strict=False):
        for point in points:
            chart.mark(*point, shape=shape)
        entries.append((_dot(shape), name))
    legend(canvas, 20, 300 + 14, entries)
    return canvas.figure


def _stroke(colour: str, dash: tuple | None):
    return lambda canvas, x, y: canvas.line([(x - 10, y), (x + 10, y)], colour=colour, width=2, dash=dash)


def _dot(shape: str):
    if shape == "circle":
        return lambda canvas, x, y: canvas.circle(x, y, 5, fill=style.INK)
    return lambda canvas, x, y: canvas.polygon([(x, y - 7), (x + 7, y), (x, y + 7), (x - 7, y)], fill=style.INK)


def _alt(lines, dots, x: str, y: str, title: str, percent: bool) -> str:
    def say(value: float) -> str:
        return f"{value:.1%}" if percent else f"{value:g}" if value == round(value, 3) else f"{value:.3g}"

    def ends(points: Points) -> str:
        (x0, y0), (x1, y1) = points[0], points[-1]
        return f"from {say(y0)} at {x0:g} to {say(y1)} at {x1:g}"

    told = [f"{name}: {ends(points)}." for name, points in lines.items()]
    told += [f"{name}: {', '.join(f'{say(py)} at {px:g}' for px, py in points)}." for name, points in dots.items()]
    return "\n".join([f"{title or 'Curves'}: {y} over {x}.", *told])


def _table(lines, dots, x: str, y: str) -> list[dict]:
    rows = []
    for name, points in lines.items():
        every = max(1, -(-len(points) // _TOLD))
        rows += [{"": name, x: px, y: round(py, 4)} for px, py in points[::every]]
    return rows + [{"": name, x: px, y: round(py, 4)} for name, points in dots.items() for px, py in points]
