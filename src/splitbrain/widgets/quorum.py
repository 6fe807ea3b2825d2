"""Quorums and staleness: how many copies to wait for, and how old an answer may then be."""

from __future__ import annotations

from splitbrain.theory.staleness import LATENCIES, Staleness, is_strict, quantile, stale_versions, staleness
from splitbrain.views import Picture, style
from splitbrain.views.canvas import Box, Canvas, plain_settings
from splitbrain.views.chart import Axis, Chart
from splitbrain.widgets.explorer import Explorer, number, one_of

_VERSIONS = 8


class QuorumExplorer(Explorer):
    """N copies, reads that wait for R answers, writes that wait for W acknowledgements: how stale is a read?

    Attributes
    ----------
    n, r, w : int
        Copies; answers that a read waits for; acknowledgements that a write waits for.
    latencies : str
        How long messages take: a name in `splitbrain.theory.staleness.LATENCIES`.
    slower : float
        Writes to replicas take this many times as long as that.
    ms : int
        How long after the commit the read begins.

    Examples
    --------
    >>> explorer = QuorumExplorer(n=3, r=1, w=1)
    >>> explorer.r = 2
    >>> explorer.w = 2
    >>> print(explorer.picture.alt.splitlines()[0])
    N=3, R=2, W=2: strict, R + W > N. No read is stale.
    """

    title = "Quorums and staleness"
    n = number(3, "N, copies of a value", 1, 7)
    r = number(1, "R, a read waits for", 1, 7, most="n")
    w = number(1, "W, a write waits for", 1, 7, most="n")
    latencies = one_of("LinkedIn, disk", "Latency as at", list(LATENCIES))
    slower = one_of(1, "Writes slower by", [0.25, 0.5, 1, 2, 5, 10, 20], unit="times", slider=True)
    ms = one_of(0, "The read begins after", [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000], unit="ms", slider=True)

    def draw(self) -> Picture:
        return quorum_picture(**self.settings)


def quorum_picture(n: int = 3, r: int = 1, w: int = 1, *, latencies: str = "exponential", slower: float = 1,
                   ms: float = 0) -> Picture:
    """The probability of a stale read over time, for every R and W, and over versions; see `QuorumExplorer`."""
    dice = staleness(n, LATENCIES[latencies], slower=slower)
    with plain_settings():
        canvas = Canvas(860, 400)
        _draw_time(canvas, dice, r, w, ms)
        bottom = _draw_grid(canvas, dice, r, w, ms)
        _draw_versions(canvas, n, r, w, bottom + 24)
    return Picture.from_figure(canvas.figure, _alt(dice, r, w, ms, latencies, slower), _table(dice, r, w, ms),
                               "10,000 simulated reads, each after a write of its own, without read repair (PBS, "
                               "Bailis et al. 2012). Versions: the closed form, an upper bound.")


def _percent(share: float) -> str:
    """Never 0% for what happens, or 100% for what may not."""
    if 0 < share < 0.001:
        return "under 0.1%"
    return f"{min(share, 0.999):.1%}" if 0 < share < 1 else f"{share:.0%}"


def _span(ms: float) -> str:
    return f"{ms:.0f} ms" if ms >= 10 else f"{ms:.1f} ms"


def _draw_time(canvas: Canvas, dice: Staleness, r: int, w: int, ms: float) -> None:
    end = max(dice.visible_after(1, 1, 0.999), ms * 1.15, 1.0)
    chart = Chart(canvas, Box(20, 20, 470, 390), Axis("ms after the commit", 0, end),
                  Axis("reads that are stale", 0, 1, spell="{:.0%}".format), "How stale, how long after")
    times = [end * i / 150 for i in range(151)]
    for other in sorted({(1, 1), (min(2, dice.n), 1)} - {(r, w)}):
        if not is_strict(dice.n, *other):
            chart.curve([(t, dice.stale(*other, t)) for t in times], colour=style.RULE, width=1.2, dash=(3, 3))
            _label(chart, f"R={other[0]}, W={other[1]}", [(t, dice.stale(*other, t)) for t in times])
    points = [(t, dice.stale(r, w, t)) for t in times]
    chart.curve(points, colour=style.GREEN if is_strict(dice.n, r, w) else style.VERMILLION, width=2.4)
    if is_strict(dice.n, r, w):
        chart.level(0, f"R={r}, W={w}: never, R + W > N", dash=None)
    else:
        chart.mark(ms, dice.stale(r, w, ms), f"{_percent(dice.stale(r, w, ms))} after {ms:g} ms")


def _label(chart: Chart, text: str, points: list[tuple[float, float]]) -> None:
    """Where the curve has come down to a third of its height."""
    x, y = next((p for p in points if p[1] <= points[0][1] / 3), points[-1])
    across, height = chart.at(x, y)
    chart.canvas.text(across + 6, height - 8, text, size=11, colour=style.SOFT, ground=style.PAPER, z=4)


def _draw_grid(canvas: Canvas, dice: Staleness, r: int, w: int, ms: float) -> float:
    """For every R and W the share of stale reads; the line between partial and strict quorums. Returns its bottom."""
    left, top, cell = 540, 76, min(40, 154 // dice.n)
    wide = min(52, 290 // dice.n)
    canvas.text(500, 28, f"Stale after {ms:g} ms, for every R and W", weight="bold")
    canvas.text(left, 50, "R", size=11, colour=style.SOFT)
    canvas.text(left - 30, top - 4, "W", size=11, colour=style.SOFT)
    for one in range(1, dice.n + 1):
        canvas.text(left + wide * (one - 0.5), 62, str(one), align="center")
        canvas.text(left - 12, top + cell * (one - 0.5), str(one), align="right")
        for other in range(1, dice.n + 1):
            strict, share = is_strict(dice.n, one, other), dice.stale(one, other, ms)
            x, y = left + wide * (one - 1), top + cell * (other - 1)
            chosen = (one, other) == (r, w)
            fill = style.TINTS["green"] if strict else style.TINTS["vermillion" if share >= 0.001 else "yellow"]
            canvas.box(x + 1.5, y + 1.5, wide - 3, cell - 3, fill=fill, edge=style.INK if chosen else None,
                       line=2.4 if chosen else 1, radius=3)
            words = "✓" if strict else "<.1" if share < 0.001 else f"{share * 100:.{0 if dice.n > 5 else 1}f}"
            canvas.text(x + wide / 2, y + cell / 2, words, size=11, align="center",
                        weight="bold" if chosen else "normal")
    corners = [(left + wide * (dice.n - i), top + cell * (i + k)) for i in range(dice.n + 1) for k in (0, 1)]
    canvas.line(corners[:-1], colour=style.INK, width=2)
    canvas.text(500, top + cell * dice.n + 14, "✓ strict: R + W > N, never stale; else per cent", size=11,
                colour=style.SOFT)
    return top + cell * dice.n + 20


def _draw_versions(canvas: Canvas, n: int, r: int, w: int, top: float) -> None:
    chart = Chart(canvas, Box(500, top, 850, 390), Axis("versions k", 0.5, _VERSIONS + 0.5, spell="{:.0f}".format),
                  Axis("misses all of the last k writes", 0, 1, spell="{:.0%}".format))
    for k in range(1, _VERSIONS + 1):
        share = stale_versions(n, r, w, k)
        (x, y), (_, bottom) = chart.at(k, share), chart.at(k, 0)
        if share:
            canvas.box(x - 9, y, 18, max(bottom - y, 1.5), fill=style.TINTS["vermillion"], edge=style.VERMILLION)
        words = "0" if not share else "<1%" if share < 0.01 else f"{share:.0%}"
        canvas.text(x, y - 9, words, size=10, align="center", ground=style.PAPER)


def _alt(dice: Staleness, r: int, w: int, ms: float, latencies: str, slower: float) -> str:
    setting = f"N={dice.n}, R={r}, W={w}"
    speed = "" if slower == 1 else f", writes to replicas {slower:g} times as slow"
    costs = (f"In 99.9% of cases a read takes at most {_span(quantile(dice.reads[r - 1], 0.999))}, a write "
             f"{_span(quantile(dice.writes[w - 1], 0.999))}. Latency: {latencies}{speed}.")
    if is_strict(dice.n, r, w):
        return f"{setting}: strict, R + W > N. No read is stale.\n{costs}"
    return (f"{setting}: partial, R + W ≤ N. {_percent(dice.stale(r, w, ms))} of the reads that begin {ms:g} ms after "
            f"the commit are stale.\n99.9% are fresh from {_span(dice.visible_after(r, w))} after the commit on. "
            f"At most {_percent(stale_versions(dice.n, r, w))} miss the last write, "
            f"{_percent(stale_versions(dice.n, r, w, 3))} the last three.\n{costs}")


def _table(dice: Staleness, r: int, w: int, ms: float) -> list[dict]:
    return [{"R": one, "W": other, "quorum": "strict" if is_strict(dice.n, one, other) else "partial",
             f"stale after {ms:g} ms": _percent(dice.stale(one, other, ms)),
             "99.9% fresh after": _span(dice.visible_after(one, other)),
             "99.9% of reads within": _span(quantile(dice.reads[one - 1], 0.999)),
             "99.9% of writes within": _span(quantile(dice.writes[other - 1], 0.999)),
             "misses the last write (bound)": _percent(stale_versions(dice.n, one, other)),
             "chosen": "yes" if (one, other) == (r, w) else ""}
            for one in range(1, dice.n + 1) for other in range(1, dice.n + 1)]
