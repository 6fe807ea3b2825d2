"""The map of the course: every lesson, what it builds on, and how far the learner is."""

from __future__ import annotations

from splitbrain.course.plan import LESSONS, PARTS
from splitbrain.course.standing import BEGUN, DONE, NOT_BEGUN, TO_COME, Progress, Standing, progress
from splitbrain.views import style
from splitbrain.views.canvas import Canvas, legend, plain_settings
from splitbrain.views.picture import Picture

# The row of a lesson follows from what it builds on. Its column is chosen, so that arrows pass between the boxes.
_COLUMNS = {"00": 2, "01": 1.5, "09": 3.5, "02": 0.5, "03": 1.5, "10": 3.5, "04": 0, "05": 1, "07": 2, "13": 3, "11": 4,
            "06": 1, "12": 3.5, "08": 1, "14": 2, "15": 2}
_WIDTH, _HEIGHT, _COLUMN, _ROW, _LEFT, _TOP = 132, 46, 150, 80, 90, 62
_FILL = {DONE: style.TINTS["green"], BEGUN: style.TINTS["yellow"], NOT_BEGUN: style.TINTS["blue"], TO_COME: style.PAPER}
_WORDS = {DONE: "done", BEGUN: "begun", NOT_BEGUN: "ready for you", TO_COME: "to come"}


def course_map(standings: Progress | None = None) -> Picture:
    """A picture of the course: an arrow leads from a lesson to those that build on it.

    Parameters
    ----------
    standings : Progress, optional
        What `progress()` returns; asked for if not given.
    """
    standings = progress() if standings is None else standings
    rows = _rows()
    with plain_settings():
        canvas = Canvas(_LEFT * 2 + _COLUMN * 4, _TOP + _ROW * (max(rows.values()) + 1) + 34)
        canvas.text(20, 26, "The course", size=14, weight="bold")
        places = {one.number: (_LEFT + _COLUMN * _COLUMNS[one.number], _TOP + 20 + _ROW * rows[one.number])
                  for one in LESSONS}
        for one in LESSONS:
            for before in one.builds_on:
                _arrow(canvas, places[before[:2]], places[one.number])
        for standing in standings:
            _lesson(canvas, standing, *places[standing.lesson.number])
        signs = [(lambda c, x, y, state=state: _sign(c, state, x, y), words) for state, words in _WORDS.items()]
        legend(canvas, 20, canvas.height - 22, signs)
    return Picture.from_figure(canvas.figure, _alt(standings), _table(standings))


def _rows() -> dict[str, int]:
    """How many lessons have to come before one, at least: the longest way to it."""
    import networkx

    graph = networkx.DiGraph([(before[:2], one.number) for one in LESSONS for before in one.builds_on])
    return {number: row for row, numbers in enumerate(networkx.topological_generations(graph)) for number in numbers}


def _arrow(canvas: Canvas, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Down its own column to the row above the target, then over to it."""
    (x0, y0), (x1, y1) = start, end
    bend = (x0, y1 - _ROW + _HEIGHT / 2)
    if bend[1] > y0 + _HEIGHT / 2:
        canvas.line([(x0, y0 + _HEIGHT / 2), bend], colour=style.RULE, width=1.2)
    near = 0 if x0 == x1 else 14 if x0 > x1 else -14  # arrows that come from one side end on that side
    canvas.arrow(bend, (x1 + near, y1 - _HEIGHT / 2), colour=style.RULE)


def _lesson(canvas: Canvas, standing: Standing, x: float, y: float) -> None:
    lesson, to_come = standing.lesson, standing.state == TO_COME
    canvas.box(x - _WIDTH / 2, y - _HEIGHT / 2, _WIDTH, _HEIGHT, fill=_FILL[standing.state], radius=5, z=3,
               edge=style.RULE if to_come else style.INK, dash=(4, 3) if to_come else None,
               line=2 if standing.state == DONE else 1, name=f"lesson-{lesson.name}")
    ink = style.SOFT if to_come else style.INK
    canvas.text(x - _WIDTH / 2 + 8, y, lesson.number, size=12, weight="bold", colour=ink)
    lines = _wrapped(lesson.title)
    for place, line in enumerate(lines):
        height = y + (place - (len(lines) - 1) / 2) * 14
        canvas.text(x - _WIDTH / 2 + 30, height, line, size=10.5, colour=ink)
    if not to_come:
        _sign(canvas, standing.state, x + _WIDTH / 2 - 10, y - _HEIGHT / 2 + 10)


def _wrapped(title: str) -> list[str]:
    lines = [""]
    for word in title.split():
        longer = f"{lines[-1]} {word}".strip()
        if style.text_width(longer, 10.5) > _WIDTH - 48 and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _sign(canvas: Canvas, state: str, x: float, y: float) -> None:
    """Told apart without colour: a full, a half, an empty circle, a dashed box."""
    if state == TO_COME:
        canvas.box(x - 6, y - 4, 12, 8, edge=style.RULE, dash=(3, 2), z=4)
        return
    canvas.circle(x, y, 5, fill=style.INK if state == DONE else style.PAPER)
    if state == BEGUN:
        canvas.polygon([(x, y - 5), (x - 3.6, y - 3.6), (x - 5, y), (x - 3.6, y + 3.6), (x, y + 5)], z=5)


def _alt(standings: Progress) -> str:
    lines = [f"Map of the course: {len(standings)} lessons, an arrow from each to those that build on it."]
    for state, words in _WORDS.items():
        numbers = [one.lesson.number for one in standings if one.state == state]
        if numbers:
            lines.append(f"{words.capitalize()}: {', '.join(numbers)}.")
    return " ".join(lines)


def _table(standings: Progress) -> list[dict]:
    return [{"lesson": one.lesson.number, "title": one.lesson.title, "part": PARTS[one.lesson.part],
             "minutes": one.lesson.minutes, "builds on": " ".join(name[:2] for name in one.lesson.builds_on),
             "state": _WORDS[one.state], "exercises right": f"{one.right} of {one.exercises}" if one.exercises else ""}
            for one in standings]
