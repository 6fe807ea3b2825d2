"""Whether a lab is fit to be handed out.

It is if, left blank, it says *not attempted*; if its solution is right everywhere; and if every wrong answer that we
know of is told so, in words that help the one who gave it and do not give the solution away. Each function yields
one sentence a problem. Cells run in this process, not in a kernel.

A wrong answer is a Python file: a docstring that says who would write it and why, ``EXERCISE = "transfer"``,
``EXPECT = "words in the message"``, ``OUTCOME`` if it is not ``"wrong"``, and the answer under its name in the lab.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import linecache
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from splitbrain.course.feedback import EXERCISES, NOT_ATTEMPTED, OUTCOMES, RIGHT, WRONG, CheckFailed
from splitbrain.course.release import BEGIN_SOLUTION, END_SOLUTION, release
from splitbrain.course.stored import cell_id

FEWEST_WRONG_ANSWERS = 3
REVEALING = 24  # characters: a line of the solution at least so long must not stand in a message

Said = dict[str, tuple[str, str]]  # what each check said: {exercise: (outcome, message)}


@dataclass(frozen=True)
class Lab:
    """A worked lab: the name of its lesson (``01_acid``) and its notebook."""

    lesson: str
    solution: NotebookNode

    def blank(self) -> NotebookNode:
        """As it is handed out."""
        return release(self.solution, self.lesson)


def exercise_of(cell: NotebookNode) -> str | None:
    """The name of the exercise that a cell checks, or None."""
    grading = cell.metadata.get("nbgrader", {})
    return grading["grade_id"].partition("-check-")[2] if grading.get("grade") else None


def run(lesson: str, notebook: NotebookNode, before_check: Callable[[str, dict], bool] | None = None) -> Said:
    """Run a notebook's cells, and return what each check said.

    `before_check` (name, namespace) is called before each check; if it returns False that check is left out.

    Raises
    ------
    AssertionError
        A cell that is no check fails.
    """
    said: Said = {}
    namespace: dict[str, Any] = {"__name__": "__main__"}
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for position, cell in enumerate(notebook.cells):
            if cell.cell_type != "code":
                continue
            name = exercise_of(cell)
            if name and before_check and before_check(name, namespace) is False:
                continue
            outcome, message = _run_cell(cell.source, f"<answer {cell_id(lesson, position)}>", namespace)
            if name:
                said[name] = outcome, message
            elif outcome != RIGHT:
                raise AssertionError(f"{cell_id(lesson, position)}: {message}")
    return said


def _run_cell(source: str, filename: str, namespace: dict) -> tuple[str, str]:
    linecache.cache[filename] = len(source), None, source.splitlines(keepends=True), filename
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(source, filename, "exec"), namespace)
    except CheckFailed as failed:
        return failed.outcome, str(failed)
    return RIGHT, printed.getvalue()


@contextlib.contextmanager
def exercises_of(lesson: str) -> Iterator[Callable[[], dict]]:
    """The exercises of a lesson by name; those that cells define in here are forgotten afterwards."""
    try:
        yield lambda: {one.name: one for one in EXERCISES.values() if one.lesson == lesson}
    finally:
        for one in [one for one in EXERCISES.values() if one.check.__module__ == "__main__"]:
            del EXERCISES[one.id]


def problems_of_blank(lab: Lab) -> Iterator[str]:
    """What is wrong with the lab as it is handed out."""
    for name, (outcome, message) in run(lab.lesson, lab.blank()).items():
        if outcome != NOT_ATTEMPTED:
            yield f"{name}: blank, and yet {outcome}: {message}"


def problems_of_solution(lab: Lab) -> Iterator[str]:
    """What is wrong with the solution."""
    said = run(lab.lesson, lab.solution)
    for name, (outcome, message) in said.items():
        if outcome != RIGHT:
            yield f"{name}: {outcome}: {message}"
        elif not re.fullmatch(r"(?s).*Right: .+\.\n", message):
            yield f"{name}: is right and does not say what: {message!r}"
    with exercises_of(lab.lesson) as defined:
        run(lab.lesson, lab.solution, before_check=lambda name, namespace: False)
        unchecked = set(defined()) ^ set(said)
        if unchecked:
            yield f"exercises without a check in the lab, or the other way round: {sorted(unchecked)}"
        for one in defined().values():
            if len(one.hints) < 2:
                yield f"{one.name}: {len(one.hints)} hints; graded hints are at least two"


def problems_of_wrong_answer(lab: Lab, path: Path) -> Iterator[str]:
    """What is wrong with how a wrong answer is received in a lab."""

    def judge(name: str, source: str) -> tuple[str, str] | None:
        def give(checked: str, namespace: dict) -> bool:
            if checked == name:
                exec(compile(source, str(path), "exec"), namespace)
            return checked == name

        return run(lab.lesson, lab.solution, give).get(name)

    yield from _problems_of_answer(path, judge, list(secret_lines(lab.solution)))


def problems_of_wrong_answer_in_lesson(lesson: str, path: Path) -> Iterator[str]:
    """The same for an exercise that a lesson holds itself; its check takes the answer under its parameter's name."""

    def judge(name: str, source: str) -> tuple[str, str] | None:
        known = next((one for one in EXERCISES.values() if (one.lesson, one.name) == (lesson, name)), None)
        if known is None:
            return None
        namespace: dict[str, Any] = {"__name__": "__main__"}
        exec(compile(source, str(path), "exec"), namespace)
        answers = [namespace[parameter] for parameter in inspect.signature(known.check).parameters]
        return _run_cell("check(*answers)", "<answer check>", {"check": known.check, "answers": answers})

    yield from _problems_of_answer(path, judge, [])


def _problems_of_answer(path: Path, judge: Callable, secrets: list[str]) -> Iterator[str]:
    declared: dict[str, Any] = {}
    source = path.read_text(encoding="utf-8")
    exec(compile(source, str(path), "exec"), declared)
    name, expect, outcome = declared.get("EXERCISE"), declared.get("EXPECT"), declared.get("OUTCOME", WRONG)
    if not (declared.get("__doc__") or "").strip() or not name or not expect or outcome not in OUTCOMES:
        yield "it needs a docstring that says who would write it, EXERCISE, EXPECT, and OUTCOME if that is not 'wrong'"
        return
    said = judge(name, source)
    if said is None:
        yield f"there is no exercise {name!r}"
        return
    got, message = said
    if got != outcome:
        yield f"it is declared {outcome!r} and was found {got!r}: {message}"
    if expect not in message:
        yield f"{expect!r} is not in the message: {message}"
    yield from (f"the message gives the solution away: {line!r}"
                for line in secrets if line in message and line not in source)


def secret_lines(solution: NotebookNode) -> Iterator[str]:
    """The longer lines between the solution marks."""
    for cell in solution.cells:
        regions = re.findall(f"(?s){BEGIN_SOLUTION}(.*?){END_SOLUTION}", cell.source)
        yield from (line.strip() for region in regions for line in region.split("\n") if len(line.strip()) >= REVEALING)


def problems_of_coverage(lab: Lab, folder: Path) -> Iterator[str]:
    """Which exercises have too few wrong answers."""
    texts = [path.read_text(encoding="utf-8") for path in wrong_answers(folder)]
    for name in filter(None, map(exercise_of, lab.blank().cells)):
        count = sum(1 for text in texts if re.search(rf'^EXERCISE = ["\']{name}["\']', text, re.MULTILINE))
        if count < FEWEST_WRONG_ANSWERS:
            yield f"{name}: {count} wrong answers, at least {FEWEST_WRONG_ANSWERS} are wanted"


def wrong_answers(folder: Path) -> list[Path]:
    """The files of a lab's folder in ``tests/wrong_answers``."""
    return sorted(folder.glob("*.py"))
