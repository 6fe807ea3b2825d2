"""The timeline: operations as intervals, a row a process, the way histories are drawn since Herlihy and Wing.

M. Herlihy and J. Wing, "Linearizability: a correctness condition for concurrent objects", ACM TOPLAS 12(3), 1990,
section 2.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from splitbrain.records import FAIL, OK, UNKNOWN, History, Journal, Operation, Window, Witness
from splitbrain.views import points as dots
from splitbrain.views import recount, style
from splitbrain.views.canvas import Canvas, legend, legend_lines, plain_settings, text_box
from splitbrain.views.picture import Picture
from splitbrain.views.sources import answer, history_of, natural, question, when, witness_of
from splitbrain.views.staves import SMALL, Piece, Stave, set_out

_ROW, _LANE = 56, 18
_SIGNS = {OK: "", FAIL: "✗ ", UNKNOWN: "? "}


def timeline(history: Any, *, witness: Any = None, points: Mapping[int, float] | None = None,
             wrong: Collection[int] = (), width: float = 860, limit: int = 60) -> Picture:
    """What each process asked and was told, and which operations overlapped.

    Parameters
    ----------
    history : Run, Cluster, History or list of Operation
        With a journal beside it, as a run has, the spans of its faults are shaded.
    witness : Witness or Verdict, optional
        Mark its operations; by default that of the run's own verdict.
    points : mapping of int to float, optional
        For operations, by their index, the moment at which each takes effect, on the scale of positions: see
        `splitbrain.checkers.orders.moments`. They are numbered in their order.
    wrong : collection of int
        Of these operations, those whose answer is not right at their point.
    width : float
        Pixels of a line; a longer history goes on in the next.
    limit : int
        Draw at most so many operations: the first, or those from the witness on. What is left out is said.

    Returns
    -------
    Picture
        The order of beginnings and ends is exact; lengths are stretched so that words fit.

    Raises
    ------
    TypeError
        If there is no history in what was given.
    ValueError
        If the history is empty, a point lies outside of its operation, or there are points and not all fits into
        one line.
    """
    everything = history_of(history)
    proof = witness_of(history, witness)
    if limit < 1 or width < 300:
        raise ValueError("draw at least one operation (limit=), on at least 300 pixels (width=)")
    named = {o.index: o for o in proof.operations}
    proven = {o.index for o in everything if named.get(o.index) == o}
    shown = _cap(everything, proven, limit)
    windows = _windows(history, shown)
    with plain_settings():
        figure = _draw(shown, proven, proof, windows, width, points or {}, wrong)
    caption = "Lengths are stretched so that words fit; the order of beginnings and ends is exact."
    if len(shown) < len(everything):
        caption += f" {recount.left_out(shown, everything)}"
    alt = recount.alternative(shown, everything, proven, proof, windows)
    alt += f"\n{dots.words(points, everything, wrong)}" if points is not None else ""
    return Picture.from_figure(figure, alt, recount.table(shown, proven), caption)


def _cap(history: History, proven: set[int], limit: int) -> History:
    if len(history) <= limit:
        return history
    first = next((n for n, o in enumerate(history) if o.index in proven), 0)
    last = max((n for n, o in enumerate(history) if o.index in proven), default=0)
    before = max(0, (limit - (last - first) - 1) // 2)  # the witness in the middle, if all of it fits
    begin = max(0, min(first - before, len(history) - limit))
    return History(history[begin : begin + limit])


def _windows(source: Any, shown: History) -> list[Window]:
    journal = getattr(source, "journal", None)
    if not isinstance(journal, Journal):
        return []
    first, last = shown[0].invoked, max([o.invoked for o in shown] + [o.returned or 0 for o in shown])
    return [w for w in journal.windows() if w.start <= last and (w.end is None or w.end >= first)]


def _words(o: Operation, witness: bool) -> tuple[str, str]:
    asked = ("◆ " if witness else "") + question(o.f, o.key, o.value)
    told = _SIGNS[o.status] + answer(o.status, o.result, o.error, f=o.f)
    return style.fit(asked, 190, SMALL), style.fit(told, 190, SMALL)


def _draw(shown: History, proven: set[int], proof: Witness, windows: list[Window], width: float,
          points: Mapping[int, float], wrong: Collection[int]):
    names = sorted(map(str, shown.processes), key=natural)
    left = 40 + max(style.text_width(n, 12, "bold") for n in names)
    words = {o.index: _words(o, o.index in proven) for o in shown}
    staves = set_out(shown, words, left, width - 24, **dots.ROOM if points else {})
    right = width if len(staves) > 1 else min(max(_rightmost(staves[0], words) + 26, 420), width)
    if points and len(staves) > 1:
        raise ValueError(f"points are drawn on one line, and {len(shown)} operations take {len(staves)}: show fewer")
    signs = _signs(shown, proven) + [dots.SIGN] * bool(points) + [dots.WRONG] * bool(wrong)
    here = [[w for w in windows if _touches(w, stave)] for stave in staves]
    deep = [46 + _LANE * len(faults) + _ROW * len(names) for faults in here]
    lines = legend_lines(right, 20, [text for _, text in signs], size=SMALL)
    canvas = Canvas(right, 14 + sum(deep) + 12 + 19.25 * lines)
    places: dict[int, tuple[Piece, float]] = {}
    top = 14.0
    for stave, faults, height in zip(staves, here, deep, strict=True):
        rows = top + 12 + _LANE * len(faults)
        shades = _draw_windows(canvas, stave, faults, left, right - 14, top, rows + _ROW * len(names))
        for row, name in enumerate(names):
            y = rows + _ROW * (row + 0.5)
            canvas.text(left - 18, y, name, weight="bold", align="right")
            canvas.line([(left, y), (right - 14, y)], z=1)
            for piece in [p for p in stave.pieces if str(p.operation.process) == name]:
                _draw_piece(canvas, piece, y, words[piece.operation.index], piece.operation.index in proven, shades)
                places.setdefault(piece.operation.index, (piece, y))
        if points:
            heights = {name: rows + _ROW * (row + 0.5) for row, name in enumerate(names)}
            dots.draw_points(canvas, stave, heights, points, shown, right - 14, wrong)
        _draw_axis(canvas, stave, left, right - 14, rows + _ROW * len(names) + 4)
        top += height
    _draw_edges(canvas, proof, places)
    legend(canvas, 20, top + 10, signs, size=SMALL)
    return canvas.figure


def _rightmost(stave: Stave, words: dict[int, tuple[str, str]]) -> float:
    """How far a stave's bars, words and open ends reach."""
    open_ends = [p.right + 28 for p in stave.pieces if p.operation.status == UNKNOWN]
    texts = [p.left + style.text_width(word, SMALL) for p in stave.pieces for word in words[p.operation.index]]
    return max([p.right for p in stave.pieces] + open_ends + texts)


def _touches(window: Window, stave: Stave) -> bool:
    return bool(stave.moments) and window.start <= stave.moments[-1][0] and (
        window.end is None or window.end >= stave.moments[0][0])


def _draw_windows(canvas: Canvas, stave: Stave, windows, left, right, top, bottom) -> list[tuple[float, float]]:
    """A bracket with the fault's name, and its span shaded below; returns the spans."""
    spans = []
    for lane, window in enumerate(windows):
        start = stave.x(window.start, left, right)
        end = right if window.end is None else stave.x(window.end, left, right)
        canvas.box(start, top, max(end - start, 2), bottom - top, fill=style.SHADE, edge=None, z=0.2,
                   name=f"window-{window.kind}")
        y = top + 4 + _LANE * lane
        canvas.line([(start, y), (max(end, start + 2), y)], colour=style.RUST, width=1.6, z=0.5)
        for x in (start, end) if end < right - 1 else (start,):
            canvas.line([(x, y), (x, bottom)], colour=style.RUST, width=1, dash=(4, 3), z=0.5)
        text = style.fit(recount.name(window), right - left - 8, SMALL)
        x = min(start + 6, right - style.text_width(text, SMALL) - 2)
        canvas.text(x, y + 9, text, size=SMALL, colour=style.RUST, ground=style.SHADE, name="fault", z=0.8)
        spans.append((start, end))
    return spans


def _draw_piece(canvas: Canvas, piece: Piece, y: float, words: tuple[str, str], witness: bool, shades) -> None:
    o, wide = piece.operation, max(piece.right - piece.left, 4)
    if witness:
        canvas.box(piece.left - 5, y - 10, wide + 10, 20, fill=style.TINTS["vermillion"], edge=style.VERMILLION,
                   line=2.2, radius=6, z=2, name=f"witness-{o.index}")
    fill, line = {OK: (style.SKY, style.BLUE), FAIL: (style.PAPER, style.INK)}.get(o.status, (style.ORANGE, style.INK))
    canvas.box(piece.left, y - 5, wide, 10, fill=fill, edge=line, line=1.3, radius=2, z=3, name=f"operation-{o.index}")

    colour = style.RUST if witness else style.INK

    def say(x: float, height: float, text: str, align: str) -> None:
        box = text_box(x, height, text, size=SMALL, align=align)
        ground = style.SHADE if any(a <= (box.left + box.right) / 2 <= b for a, b in shades) else style.PAPER
        canvas.text(x, height, text, size=SMALL, colour=colour, align=align, ground=ground)

    told = piece.ends or o.returned is None
    if piece.begins:
        say(piece.left, y - 18.5, words[0], "left")
    if told:
        say(piece.left if piece.begins else piece.right, y + 18.5, words[1], "left" if piece.begins else "right")
    if o.status == FAIL and piece.ends:
        canvas.cross(piece.right, y, 6, name="failed")
    if o.status == UNKNOWN and told:
        canvas.arrow((piece.right + 1, y), (piece.right + 22, y), width=2, dash=(3, 2.5), z=3.2, name="open-end")


def _draw_axis(canvas: Canvas, stave: Stave, left: float, right: float, y: float) -> None:
    last = -99.0
    for time, x in stave.moments:
        text = when(time)
        box = text_box(x, y + 12, text, size=10.5, align="center")
        if box.left > last + 8 and box.right < right + 10:
            canvas.line([(x, y - 4), (x, y + 2)], colour=style.RULE)
            canvas.text(x, y + 12, text, size=10.5, colour=style.SOFT, align="center")
            last = box.right
    canvas.text(left - 18, y + 12, "ms", size=10.5, colour=style.SOFT, align="right")


def _draw_edges(canvas: Canvas, proof: Witness, places: dict[int, tuple[Piece, float]]) -> None:
    """What must come before what, by the witness: from the end of one interval to the beginning of the other."""
    for i, j, _ in proof.edges:
        if i not in places or j not in places:
            continue
        (first, y0), (second, y1) = places[i], places[j]
        if y0 != y1:
            way = 11 if y1 > y0 else -11
            canvas.arrow((first.right, y0 + way), (second.left - 6, y1 - way * 0.4), colour=style.VERMILLION, width=1.4,
                         z=2.5)


def _signs(shown: History, proven: set[int]) -> list[tuple[Any, str]]:
    told = {o.status for o in shown}

    def bar(fill, edge):
        return lambda c, x, y: c.box(x - 10, y - 5, 20, 10, fill=fill, edge=edge, line=1.3, radius=2)

    def failed(c, x, y):
        c.box(x - 10, y - 5, 15, 10, fill=style.PAPER, line=1.3, radius=2)
        c.cross(x + 5, y, 5)

    def unknown(c, x, y):
        c.box(x - 10, y - 5, 9, 10, fill=style.ORANGE, edge=style.INK, line=1.3, radius=2)
        c.arrow((x, y), (x + 12, y), width=2, dash=(3, 2.5))

    entries = [(OK in told, bar(style.SKY, style.BLUE), "ok"), (FAIL in told, failed, "failed: it did not happen"),
               (UNKNOWN in told, unknown, "unknown: it may still take effect"),
               (proven, lambda c, x, y: c.box(x - 11, y - 8, 22, 16, fill=style.TINTS["vermillion"], radius=6, line=2.2,
                                              edge=style.VERMILLION), "◆ the verdict's witness")]
    return [(draw, text) for occurs, draw, text in entries if occurs]
