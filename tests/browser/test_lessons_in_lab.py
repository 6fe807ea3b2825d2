"""The lessons, run from top to bottom where a learner runs them: the first always, for it has the panel."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .conftest import Book

FIRST, *OTHERS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", [FIRST, *(pytest.param(path, marks=pytest.mark.long) for path in OTHERS)],
                         ids=lambda path: path.stem)
def test_a_lesson_runs_and_its_panel_answers_a_click(path, lab, tab):
    (lab.root / "notebooks").mkdir(exist_ok=True)
    shutil.copy(path, lab.root / "notebooks")
    tab.complaints.clear()
    book = Book(tab, lab, f"notebooks/{path.name}")
    book.run_all()
    assert book.errors() == []
    panels = tab.locator(".sb-panel")
    if path == FIRST:
        expect(panels.first).to_be_visible()
    if panels.count():
        link = panels.first.locator(".sb-link").first
        before = link.get_attribute("data-cut")
        link.locator(".sb-hit").click(force=True)
        expect(link).not_to_have_attribute("data-cut", before)
    assert tab.complaints == []
