"""Makes the labs from their solutions: ``python -m splitbrain.course.release`` writes ``labs/`` from ``solutions/``.

A solution is a notebook in nbgrader's own spelling, so an instructor can take ``solutions/`` as nbgrader's source
folder instead. Between ``### BEGIN SOLUTION`` and ``### END SOLUTION`` the lines become a placeholder; between
``### BEGIN HIDDEN TESTS`` and ``### END HIDDEN TESTS`` they go. The metadata that nbgrader wants follows from what
a cell holds, so nobody writes it by hand.
"""

from __future__ import annotations

import argparse
import ast
import copy
import re
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from splitbrain.course.plan import course_folder
from splitbrain.course.stored import normalise, read, to_text

BEGIN_SOLUTION, END_SOLUTION = "### BEGIN SOLUTION", "### END SOLUTION"
BEGIN_HIDDEN, END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
_CHECK = re.compile(r"^(?:\w+\.)*check_(\w+)\(", re.MULTILINE)
_POINTS = re.compile(r"points-(\d+)$")


def add_grading(notebook: NotebookNode, stem: str) -> NotebookNode:
    """Add nbgrader's metadata to the code cells of a solution, in place.

    A cell with a solution is one to be answered, a cell that calls a ``check_...`` is an autograded test
    (one point, or as many as its tag ``points-3`` says), every other code cell is read-only.

    Raises
    ------
    ValueError
        Two cells answer one exercise, or two check it.
    """
    slug = stem.partition("_")[2] or stem
    seen: set[str] = set()
    for position, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        cell.metadata["nbgrader"] = grading = nbformat.from_dict(_grading(cell, slug, position))
        if grading.grade_id in seen:
            raise ValueError(f"{stem}: two cells have the grade id {grading.grade_id!r}")
        seen.add(grading.grade_id)
    return notebook


def _grading(cell: NotebookNode, slug: str, position: int) -> dict:
    common = {"schema_version": 3, "cell_type": "code", "grade": False, "solution": False, "locked": True,
              "task": False}
    if BEGIN_SOLUTION in cell.source:
        names = _names(cell.source) or [f"{position:03d}"]
        return common | {"solution": True, "locked": False, "grade_id": f"{slug}-{names[0]}"}
    if check := _CHECK.search(cell.source):
        points = [int(m[1]) for m in map(_POINTS.match, cell.metadata.get("tags", [])) if m] or [1]
        return common | {"grade": True, "points": points[0], "grade_id": f"{slug}-check-{check[1]}"}
    return common | {"grade_id": f"{slug}-given-{position:03d}"}


def _names(source: str) -> list[str]:
    """What code defines at its top level, in order, each once."""
    names = []
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.append(statement.name)
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        names += [node.id for target in targets if target is not None
                  for node in ast.walk(target) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    return list(dict.fromkeys(names))


def release(solution: NotebookNode, stem: str) -> NotebookNode:
    """The lab of a solution, as a new notebook; `stem` is their file name without ending.

    Raises
    ------
    ValueError
        A region is not closed, or opened inside another; the message names the cell.
    """
    lab = add_grading(copy.deepcopy(solution), stem)
    for position, cell in enumerate(lab.cells):
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            try:
                cell.source = _replace(cell.source, BEGIN_HIDDEN, END_HIDDEN, lambda lines: [])
                cell.source = _replace(cell.source, BEGIN_SOLUTION, END_SOLUTION, placeholder)
            except (ValueError, SyntaxError) as error:
                raise ValueError(f"{stem}: cell {position}: {error}") from None
            if cell.metadata.nbgrader.grade:
                cell.metadata |= {"deletable": False, "editable": False}
                # Without it "Run All" in a blank lab would stop at the first check.
                cell.metadata["tags"] = sorted({*cell.metadata.get("tags", []), "raises-exception"})
    lab.cells[0].source += (f"\n\n<!-- Made from solutions/{stem}.ipynb by python -m splitbrain.course.release. "
                            "Change that one, not this one. -->")
    return normalise(lab, stem)


def _replace(source: str, begin: str, end: str, instead: Callable[[list[str]], list[str]]) -> str:
    kept: list[str] = []
    region: list[str] | None = None
    for number, line in enumerate(source.split("\n"), 1):
        if begin in line:
            if region is not None:
                raise ValueError(f"line {number}: {begin!r} inside another")
            region = []
        elif end in line:
            if region is None:
                raise ValueError(f"line {number}: {end!r} without its beginning")
            kept += instead(region)
            region = None
        else:
            (kept if region is None else region).append(line)
    if region is not None:
        raise ValueError(f"{begin!r} is never ended")
    return "\n".join(kept).rstrip()


def placeholder(region: list[str]) -> list[str]:
    """What a learner finds in place of an answer.

    >>> placeholder(["    return x + 1"])
    ['    raise NotImplementedError  # your answer']
    >>> placeholder(["retries = 3", "wait = 10"])
    ['retries = ...  # your answer', 'wait = ...  # your answer']
    """
    written = [line for line in region if line.strip()]
    indent = min((len(line) - len(line.lstrip()) for line in written), default=0)
    if indent:
        return [" " * indent + "raise NotImplementedError  # your answer"]
    # At the top level a raise would stop "Run All" there, and leave the name undefined for the check.
    names = _names(textwrap.dedent("\n".join(region)))
    return [f"{name} = ...  # your answer" for name in names] or ["...  # your answer"]


def is_somebodys_work(lab: NotebookNode) -> bool:
    """Whether a lab was run, so that writing it anew would lose something."""
    return any(cell.cell_type == "code" and (cell.execution_count or cell.outputs) for cell in lab.cells)


def write(solution: Path, folder: Path, *, check: bool = False, force: bool = False) -> str:
    """Make one lab in `folder`, and return a line that says what was done.

    Raises
    ------
    ValueError
        The solution has mistakes; the lab holds somebody's work and there is no `force`; or, with `check`, the lab
        is not what its solution makes.
    """
    target = folder / solution.name
    text = to_text(release(read(solution), solution.stem))
    if target.is_file() and target.read_text(encoding="utf-8") == text:
        return f"{target}: unchanged"
    if check:
        raise ValueError(f"{target} is not what {solution} makes: run python -m splitbrain.course.release")
    if target.is_file() and not force and is_somebodys_work(read(target)):
        raise ValueError(f"{target} was worked in; move it away, or overwrite it with --force")
    folder.mkdir(exist_ok=True)
    target.write_text(text, encoding="utf-8", newline="\n")
    return f"{target}: written"


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns 1 if a lab could not be made, or with ``--check`` would change."""
    parser = argparse.ArgumentParser(prog="python -m splitbrain.course.release", description=__doc__.split("\n\n")[0])
    parser.add_argument("solutions", nargs="*", type=Path, help="default: all")
    parser.add_argument("--check", action="store_true", help="write nothing, say what would change")
    parser.add_argument("--force", action="store_true", help="overwrite labs that were worked in")
    options = parser.parse_args(arguments)
    root = course_folder() or Path.cwd()
    failed = False
    for solution in options.solutions or sorted((root / "solutions").glob("*.ipynb")):
        try:
            labs = solution.resolve().parent.parent / "labs"
            print(write(solution, labs, check=options.check, force=options.force))
        except (ValueError, OSError) as error:
            failed = True
            print(error, file=sys.stderr)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
