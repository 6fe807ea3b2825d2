"""Outcomes in a grid: crash points and nodes, journal modes and settings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from splitbrain.views import style
from splitbrain.views.canvas import Canvas, legend_lines, plain_settings
from splitbrain.views.canvas import legend as draw_legend
from splitbrain.views.picture import Picture
from splitbrain.views.tones import Tone, shade, tones

_LARGEST = 860


def heat_map(rows: Sequence, columns: Sequence, cells, *, title: str = "",
             legend: Mapping[str, str] | Sequence[str] | None = None, row_label: str = "",
             column_label: str = "", bad: Collection[str] = ()) -> Picture:
    """A grid of outcomes, each told by colour, by sign and in words.

    Parameters
    ----------
    rows, columns : sequence
        What stands beside and above the grid.
    cells : mapping or sequence of sequences
        ``{(row, column): cell}``, or a list of rows. A cell is an outcome (``"kept"``, ``"lost"``, ``"corrupt"``,
        any text), a number, a pair ``(outcome, note)`` such as ``("lost", "3 of 20")``, or None where nothing was
        tried; a mapping may leave those out.
    title : str
        Above the grid.
    legend : mapping of str to str, or sequence of str
        The outcomes in the order in which the legend names them, with what each means.
    row_label, column_label : str
        What the rows are, what the columns are.
    bad : collection of str
        Outcomes that must not be, whatever they are called: they look as ``"violated"`` does.

    Returns
    -------
    Picture

    Raises
    ------
    ValueError
        If a row or column is missing or given twice, or a cell holds an outcome that `legend` does not name.

    Examples
    --------
    >>> heat_map(["OFF", "FULL"], ["power cut"], [["lost"], ["kept"]], title="Durability")
    Heat map: Durability. 2 rows (OFF, FULL), 1 column (power cut).
    lost: OFF, power cut.
    kept: FULL, power cut.
    """
    rows, columns = _labels(rows, "row"), _labels(columns, "column")
    grid = _grid(rows, columns, cells)
    outcomes = [outcome for outcome, _ in grid.values() if isinstance(outcome, str)]
    meanings = dict(legend) if isinstance(legend, Mapping) else dict.fromkeys(legend or dict.fromkeys(outcomes), "")
    for (row, column), (outcome, _) in grid.items():
        if isinstance(outcome, str) and outcome not in meanings:
            raise ValueError(f"cell ({row}, {column}) is {outcome!r}, which the legend does not name: "
                             f"{', '.join(meanings)}")
    looks = {**dict.fromkeys(meanings), **tones(meanings, bad)}
    with plain_settings():
        figure = _draw(rows, columns, grid, title, meanings, looks, row_label, column_label)
    alt = _alt(rows, columns, grid, title, meanings)
    return Picture.from_figure(figure, alt, _table(rows, columns, grid, row_label))


def _labels(labels: Sequence, what: str) -> list[str]:
    labels = [str(label) for label in labels]
    if not labels:
        raise ValueError(f"a heat map needs at least one {what}")
    twice = [label for label, count in Counter(labels).items() if count > 1]
    if twice:
        raise ValueError(f"{what} {twice[0]!r} is given twice")
    return labels


def _grid(rows: list[str], columns: list[str], cells) -> dict[tuple[str, str], tuple[Any, str]]:
    places = [(row, column) for row in rows for column in columns]
    if isinstance(cells, Mapping):
        found = {tuple(map(str, key)): cell for key, cell in cells.items()}
        for place in found:
            if place not in places:
                raise ValueError(f"cell {place} is in no row and column: rows are {', '.join(rows)}; columns are "
                                 f"{', '.join(columns)}")
    else:
        if [len(row) for row in cells] != [len(columns)] * len(rows):
            raise ValueError(f"cells must be {len(rows)} rows of {len(columns)}, not rows of {[len(r) for r in cells]}")
        found = dict(zip(places, (cell for row in cells for cell in row), strict=True))
    return {place: _cell(found.get(place)) for place in places}


def _cell(cell: Any) -> tuple[Any, str]:
    outcome, note = cell if isinstance(cell, tuple) else (cell, "")
    if isinstance(outcome, bool) or not (outcome is None or isinstance(outcome, str | int | float)):
        raise ValueError(f"a cell is text, a number, (text, note) or None, not {cell!r}")
    return outcome, str(note)


def _words(outcome: Any, note: str) -> list[str]:
    text = "" if outcome is None else outcome if isinstance(outcome, str) else f"{outcome:g}"
    return [line for line in (text, note) if line]


def _draw(rows, columns, grid, title, meanings, looks, row_label, column_label):
    width, wide = style.text_width, max(len(columns), 1)
    beside = min(max([width(row) for row in rows] + [width(row_label, 11)]) + 14, 300)
    wanted = max([width(line) + 34 for cell in grid.values() for line in _words(*cell)]
                 + [min(width(column), 110) + 12 for column in columns])
    cell = max(26, min(max(wanted, 64), 190, (_LARGEST - 40 - beside) / wide))
    high = 46 if any(note for _, note in grid.values()) else 34 if len(rows) <= 24 else 26
    left, top = 20 + beside, 24 + (30 if title else 0) + (20 if column_label else 0)
    headers = [_wrapped(column, cell - 8) for column in columns]
    upright = any(style.text_width(word) > cell - 8 for lines in headers for word in lines)
    top += min(max(map(width, columns)), 160) + 4 if upright else 17 * max(map(len, headers))
    notes = [f"{outcome}: {meaning}" if meaning else outcome for outcome, meaning in meanings.items()]
    total = max(left + cell * wide + 20, min(_LARGEST, max([width(n, 11) + 60 for n in notes] or [0])), 300,
                width(title, 14, "bold") + 40)
    bottom = top + high * len(rows)
    lines = legend_lines(total, 20, notes) if notes else 0
    canvas = Canvas(total, bottom + (20 + 19.25 * lines if lines else 4) + 14)
    if title:
        canvas.text(20, 26, title, size=14, weight="bold")
    if column_label:
        canvas.text(left + 2, 24 + (30 if title else 0) - 2, column_label, size=11, colour=style.SOFT)
    if row_label:
        canvas.text(left - 12, top - 12, row_label, size=11, colour=style.SOFT, align="right")
    for i, lines_above in enumerate(headers):
        if upright:
            canvas.upright(left + cell * (i + 0.5), top - 6, style.fit(columns[i], 160))
            continue
        for j, line in enumerate(reversed(lines_above)):
            canvas.text(left + cell * (i + 0.5), top - 12 - 16 * j, line, align="center")
    for j, row in enumerate(rows):
        canvas.text(left - 12, top + high * (j + 0.5), style.fit(row, beside - 8), align="right")
        for i, column in enumerate(columns):
            _draw_cell(canvas, left + cell * i, top + high * j, cell, high, grid[row, column], looks, _range(grid))
    if notes:
        swatches = [(_swatch(looks[outcome]), note) for outcome, note in zip(meanings, notes, strict=True)]
        draw_legend(canvas, 20, bottom + 24, swatches)
    return canvas.figure


def _wrapped(text: str, width: float) -> list[str]:
    """One line, or the two that are most alike in length."""
    if style.text_width(text) <= width:
        return [style.clean(text)]
    words = style.clean(text).split(" ")
    cuts = [(" ".join(words[:i]), " ".join(words[i:])) for i in range(1, len(words))] or [(style.clean(text),)]
    best = min(cuts, key=lambda cut: max(map(style.text_width, cut)))
    return list(best)


def _range(grid) -> tuple[float, float]:
    numbers = [outcome for outcome, _ in grid.values() if isinstance(outcome, int | float)]
    return (min(numbers), max(numbers)) if numbers else (0, 0)


def _draw_cell(canvas: Canvas, x, y, width, height, cell, looks, limits) -> None:
    outcome, note = cell
    place = {"radius": 4, "line": 1.2}
    if outcome is None:
        canvas.box(x + 2, y + 2, width - 4, height - 4, edge=style.FRAME, dash=(3, 3), **place)
        return
    number = not isinstance(outcome, str)
    look = shade(outcome, *limits) if number else looks[outcome]
    canvas.box(x + 2, y + 2, width - 4, height - 4, fill=look.fill, edge=look.edge, **place)
    sign = look.sign + " " if look.sign else ""
    text, *more = _words(outcome, note)
    middle = y + height / 2 - (8 if more else 0)
    text = sign + text if style.text_width(sign + text) <= width - 10 or number else look.sign
    canvas.text(x + width / 2, middle, text, colour=look.text, align="center")
    for line in more:
        line = style.fit(line, width - 8, 11)
        canvas.text(x + width / 2, middle + 16, line, size=11, colour=look.text, align="center")


def _swatch(look: Tone):
    def draw(canvas: Canvas, x: float, y: float) -> None:
        canvas.box(x - 10, y - 8, 20, 16, fill=look.fill, edge=look.edge, radius=3)
        canvas.text(x, y, look.sign, size=10, colour=look.text, align="center")

    return draw


def _alt(rows, columns, grid, title, meanings) -> str:
    def count(labels, what):
        return f"{len(labels)} {what}{'s' if len(labels) != 1 else ''} ({_some(labels)})"

    lines = [f"Heat map{': ' + title if title else ''}. {count(rows, 'row')}, {count(columns, 'column')}."]
    for outcome in meanings:
        found = [f"{row}, {column}" + (f" ({note})" if note else "")
                 for (row, column), (told, note) in grid.items() if told == outcome]
        if len(found) == len(grid):
            lines.append(f"{outcome}: everywhere.")
        else:
            lines.append(f"{outcome}: {_some(found, '; ') if found else 'nowhere'}.")
    numbers = [f"{row}, {column}: {told:g}" for (row, column), (told, _) in grid.items()
               if isinstance(told, int | float)]
    if numbers:
        lines.append(_some(numbers, "; ") + ".")
    return "\n".join(lines)


def _some(items: Sequence[str], between: str = ", ", limit: int = 8) -> str:
    shown = between.join(items[:limit])
    return shown if len(items) <= limit else f"{shown} and {len(items) - limit} more, in the table"


def _table(rows, columns, grid, row_label) -> list[dict]:
    def told(row):
        return {column: ", ".join(_words(*grid[row, column])) or "not tried" for column in columns}

    return [{row_label or "row": row} | told(row) for row in rows]
