"""Makes the labs from their solutions: ``python -m splitbrain.course.release`` writes ``labs/`` from ``solutions/``.

A solution is a notebook in nbgrader's own spelling, so an instructor can take ``solutions/`` as nbgrader's source
folder instead. Between ``### BEGIN SOLUTION`` and ``### END SOLUTION`` the lines become a placeholder; between
``### BEGIN HIDDEN TESTS`` and ``### END HIDDEN TESTS`` they go. The metadata that nbgrader wants follows from what
a cell holds, so nobody writes it by hand.
"""

from __future__ import annotations

import re

import nbformat
from nbformat import NotebookNode

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
        named = re.search(r"^(?:async )?(?:def|class) (\w+)|^(\w+) *=", cell.source, re.MULTILINE)
        name = next(filter(None, named.groups())) if named else f"{position:03d}"
        return common | {"solution": True, "locked": False, "grade_id": f"{slug}-{name}"}
    if check := _CHECK.search(cell.source):
        points = [int(m[1]) for m in map(_POINTS.match, cell.metadata.get("tags", [])) if m] or [1]
        return common | {"grade": True, "points": points[0], "grade_id": f"{slug}-check-{check[1]}"}
    return common | {"grade_id": f"{slug}-given-{position:03d}"}
