"""How far a learner has come: what was tried, what was right, which hints were read, which lessons are done."""

from __future__ import annotations

import html
import importlib
import importlib.util
from dataclasses import dataclass

from splitbrain.course import store
from splitbrain.course.outcomes import RIGHT, Exercise
from splitbrain.course.plan import LESSONS, PARTS, Lesson, lesson

NOT_BEGUN, BEGUN, DONE, TO_COME = "not begun", "begun", "done", "to come"
SIGNS = {NOT_BEGUN: "○", BEGUN: "◐", DONE: "●", TO_COME: "·"}  # legible without colour


def record(exercise: Exercise, outcome: str) -> None:
    """Remember how an attempt at an exercise ended."""
    store.write("INSERT INTO attempt VALUES (?, ?, ?)", exercise.id, outcome, store.now())


def hint(name: str, number: int | None = None) -> None:
    """Print the next hint of an exercise; each call gives one more, from a nudge to nearly the answer.

    Parameters
    ----------
    name : str
        ``acid.transfer``, as a check's message names it.
    number : int, optional
        This one again, from 1.

    Raises
    ------
    LookupError
        There is no such exercise, or no such hint.
    """
    known = _exercise(name)
    if not known.hints:
        print(f"There are no hints for {known.title}.")
        return
    count, shown = len(known.hints), hints_shown(known)
    if number is None and shown >= count:
        for place in range(1, count + 1):
            _print_hint(known, place)
        return
    place = number or shown + 1
    if not 1 <= place <= count:
        raise LookupError(f"{name} has {count} hints, from 1; there is no hint {number}")
    _print_hint(known, place)
    store.write("INSERT INTO hint VALUES (?, ?) ON CONFLICT DO UPDATE SET shown = max(shown, excluded.shown)",
                known.id, place)


def _print_hint(known: Exercise, place: int) -> None:
    print(f"Hint {place} of {len(known.hints)}: {known.hints[place - 1]}")


def hints_shown(exercise: Exercise) -> int:
    """How many hints of an exercise were read."""
    rows = store.read("SELECT shown FROM hint WHERE exercise = ?", exercise.id)
    return rows[0][0] if rows else 0


def finish(name: str) -> None:
    """Mark a lesson as done, and say what comes next.

    Raises
    ------
    LookupError
        There is no such lesson.
    """
    done = lesson(name)
    store.write("INSERT OR IGNORE INTO finished VALUES (?, ?)", done.name, store.now())
    print(f"{done.number} {done.title}: done.")
    if done.lab_minutes and _has_a_lab(done):
        print(f"Its lab is labs/{done.name}.ipynb, about {done.lab_minutes} minutes.")
    following = [one for one in LESSONS if one.name > done.name][:1]
    if following:
        print(f"Next: {following[0].number} {following[0].title}.")


def exercises(of: Lesson) -> list[Exercise]:
    """The exercises of a lesson's lab, in the order of their definition; none if it is not written yet."""
    from splitbrain.course.feedback import EXERCISES

    if _has_a_lab(of):
        importlib.import_module(f"splitbrain.course.checks.{of.slug}")
    return [one for one in EXERCISES.values() if one.lesson == of.name]


def _has_a_lab(of: Lesson) -> bool:
    return importlib.util.find_spec(f"splitbrain.course.checks.{of.slug}") is not None


def _exercise(name: str) -> Exercise:
    slug = name.partition(".")[0]
    known = exercises(next((one for one in LESSONS if one.slug == slug), LESSONS[0]))
    for one in known:
        if one.id == name:
            return one
    listed = ", ".join(one.id for one in known) or "none in that lesson"
    raise LookupError(f"there is no exercise {name!r}; there are: {listed}")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a lesson stands. `right` of `exercises` exercises of its lab are right."""

    lesson: Lesson
    state: str
    right: int
    exercises: int


class Progress(tuple):
    """One `Standing` a lesson; shown as a table, in a notebook or as text."""

    __slots__ = ()

    def __repr__(self) -> str:
        lines, part = [], None
        for one in self:
            if one.lesson.part != part:
                part = one.lesson.part
                lines += ["", PARTS[part]]
            lines.append(f"  {SIGNS[one.state]} {one.lesson.number} {one.lesson.title:<38} {one.state:<10}"
                         f"{_exercises(one)}".rstrip())
        return "\n".join(lines[1:])

    def _repr_html_(self) -> str:
        rows = []
        for one in self:
            cells = (f"{SIGNS[one.state]} {one.state}", one.lesson.number, one.lesson.title, PARTS[one.lesson.part],
                     f"{one.lesson.minutes} min", _exercises(one))
            rows.append(_table_row(cells))
        head = _table_row(("Progress", "", "Lesson", "Part", "Time", "Exercises"), cell='th scope="col"')
        return (f"<table><caption>The course, and how far you are</caption><thead>{head}</thead>"
                f"<tbody>{''.join(rows)}</tbody></table>")


def _table_row(cells: tuple[str, ...], cell: str = "td") -> str:
    written = (f'<{cell} style="text-align: left">{html.escape(text)}</{cell[:2]}>' for text in cells)
    return f"<tr>{''.join(written)}</tr>"


def _exercises(one: Standing) -> str:
    return f"{one.right} of {one.exercises} right" if one.exercises else ""


def progress() -> Progress:
    """How every lesson of the course stands.

    A lesson is *begun* once one of its predictions, quizzes or exercises was answered, *done* once `finish` said so,
    and *to come* if it is not written yet.
    """
    right = {name for (name,) in store.read("SELECT DISTINCT exercise FROM attempt WHERE outcome = ?", RIGHT)}
    touched = {name.partition(".")[0] for (name,) in store.read("SELECT DISTINCT exercise FROM attempt")}
    answered = store.read("SELECT name FROM prediction UNION SELECT name FROM quiz")
    touched |= {name.partition("-")[0] for (name,) in answered}
    done = {name for (name,) in store.read("SELECT lesson FROM finished")}
    return Progress(_standing(one, right, touched, done) for one in LESSONS)


def _standing(one: Lesson, right: set[str], touched: set[str], done: set[str]) -> Standing:
    known = exercises(one)
    state = DONE if one.name in done else BEGUN if one.slug in touched else NOT_BEGUN
    if state == NOT_BEGUN and not one.is_written():
        state = TO_COME
    return Standing(one, state, sum(e.id in right for e in known), len(known))
