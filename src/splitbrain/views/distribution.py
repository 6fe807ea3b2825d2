"""How a quantity is distributed: for each length of time, which share was no longer than that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from math import ceil

from splitbrain.views import style
from splitbrain.views.canvas import Box, Canvas, legend, legend_lines, plain_settings
from splitbrain.views.chart import Axis, Chart
from splitbrain.views.picture import Picture

_LINES = ((style.BLUE, None), (style.VERMILLION, (7, 3)), (style.GREEN, (2, 2)), (style.INK, (9, 3, 2, 3)),
          (style.SOFT, (4, 2)))
_QUANTILES = (0.5, 0.9, 0.99)
_STEPS = 120  # of a curve: more than the eye can tell apart


def distribution(samples: Mapping[str, Sequence[float]], *, title: str = "", label: str = "ms", log: bool = True,
                 width: float = 720) -> Picture:
    """Draw the cumulative distribution of several samples over one axis.

    Parameters
    ----------
    samples : mapping of str to a sequence of numbers
        Up to five, by the names that the legend gives them.
    title : str
        Above the curves.
    label : str
        What is measured.
    log : bool
        Whether the axis goes in powers of ten; numbers of 0 or less are then drawn at its left end.
    width : float
        Pixels.

    Raises
    ------
    ValueError
        If there is nothing to draw, or more than five samples.

    Examples
    --------
    >>> print(distribution({"near": [1, 2, 2, 3], "far": [20, 40, 60, 80]}).alt)
    Distributions of ms: the share of values up to each.
    near: 4 values, 50% at most 2, 90% at most 3, 99% at most 3, the largest 3.
    far: 4 values, 50% at most 40, 90% at most 80, 99% at most 80, the largest 80.
    """
    if not samples or not all(len(values) for values in samples.values()) or len(samples) > len(_LINES):
        raise ValueError(f"a distribution is drawn of one to {len(_LINES)} samples, none of them empty")
    ordered = {name: sorted(values) for name, values in samples.items()}
    with plain_settings():
        figure = _draw(ordered, title, label, log, width)
    rows = [{"": name, "values": len(values)} | {
        f"{share:.0%} at most": f"{quantile(values, share):.4g}" for share in _QUANTILES} | {
        "the largest": f"{values[-1]:.4g}"} for name, values in ordered.items()]
    return Picture.from_figure(figure, _alt(rows, title or f"Distributions of {label}"), rows)


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that at least this share of them does not exceed.

    >>> quantile([10, 20, 30, 40], 0.5)
    20
    """
    return sorted(values)[max(0, ceil(share * len(values) - 1e-9) - 1)]


def _draw(samples: Mapping[str, Sequence[float]], title: str, label: str, log: bool, width: float):
    height = 330
    canvas = Canvas(width, height + 19.25 * legend_lines(width, 20, samples))
    everything = [value for values in samples.values() for value in values]
    positive = [value for value in everything if value > 0] or [1.0]
    low, high = (min(positive) / 1.2, max(positive) * 1.2) if log else (0.0, max(everything) * 1.05 or 1.0)
    chart = Chart(canvas, Box(20, 14, width - 14, height - 14), Axis(label, low, high, log=log),
                  Axis("share of values up to this", 0, 1, spell="{:.0%}".format), title)
    signs = []
    for (name, values), (colour, dash) in zip(samples.items(), _LINES, strict=False):
        chart.curve([(low, 0.0), *_corners(values), (high, 1.0)], colour=colour, dash=dash)
        signs.append((_sign(colour, dash), name))
    legend(canvas, 20, height, signs)
    return canvas.figure


def _corners(values: Sequence[float]) -> list[tuple[float, float]]:
    """Up at each value, level between; of many values, at every so many."""
    count = min(len(values), _STEPS)
    places = [i * len(values) // count for i in range(count + 1)]
    return [(values[first], share / len(values)) for first, end in pairwise(places) for share in (first, end)]


def _sign(colour: str, dash: tuple | None) -> Callable:
    return lambda canvas, x, y: canvas.line([(x - 10, y), (x + 12, y)], colour=colour, width=2.4, dash=dash)


def _alt(rows: Sequence[Mapping[str, str | int]], title: str) -> str:
    lines = [f"{row['']}: {row['values']} values, {', '.join(f'{name} {row[name]}' for name in list(row)[2:])}."
             for row in rows]
    return "\n".join([f"{title}: the share of values up to each.", *lines])
