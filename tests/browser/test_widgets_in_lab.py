"""Explorers and quizzes in a real JupyterLab, by keyboard alone: what the page shows is what the kernel drew."""

import re

import pytest
from playwright.sync_api import expect

from .accessibility import serious, set_theme
from .conftest import Book

QUORUM = "from splitbrain.widgets.quorum import QuorumExplorer\nexplorer = QuorumExplorer()\nexplorer"
QUIZ = """from splitbrain.course import quiz
asked = quiz("acid-set", "`SET x = 1` changes", {"one row": "There is no `WHERE`.", "every row": "All of them."},
             right="every row")
asked"""


SWITCH = """from splitbrain.widgets.power_switch import PowerSwitch
switch = PowerSwitch(journal_mode="wal", synchronous="off", after=20, seed=1)
switch"""


def begins(pattern):
    return re.compile(f"^{pattern}", re.DOTALL)


def press(tab, target, *keys):
    target.focus()
    for key in keys:
        tab.keyboard.press(key)


def test_a_slider_and_a_quiz_by_keyboard(lab, tab):
    tab.complaints.clear()
    book = Book.write(tab, lab, "widgets.ipynb", QUORUM, "print(explorer.settings['r'], explorer.picture.alt)", QUIZ,
                      "from splitbrain.course.quizzes import answered\nprint(answered('acid-set'))",
                      "explorer.w = 2", SWITCH, "print(switch.after.value, switch.synchronous.value)",
                      "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    book.run(0)
    group = tab.get_by_role("group", name="Quorums and staleness")
    image, slider = group.get_by_role("img"), group.get_by_role("slider", name="R, a read waits for")
    expect(image).to_have_attribute("alt", begins("N=3, R=1, W=1: partial"))
    group.get_by_text("The picture as a table").press("Enter")
    press(tab, slider, "ArrowRight")
    expect(image).to_have_attribute("alt", begins("N=3, R=2, W=1: partial"))
    expect(group.get_by_role("status")).to_contain_text("N=3, R=2, W=1")
    expect(group.get_by_role("table")).to_be_visible()              # stays unfolded
    assert book.run(1) == f"2 {image.get_attribute('alt')}"
    press(tab, group.get_by_role("slider", name="N, copies of a value"), "Home")
    expect(image).to_have_attribute("alt", begins("N=1, R=1, W=1: strict"))
    expect(slider).to_have_attribute("max", "1")                     # it goes no further than N
    expect(slider).to_have_js_property("value", "1")
    press(tab, group.get_by_role("slider", name="N, copies of a value"), "End")
    expect(image).to_have_attribute("alt", begins("N=7, R=1, W=1"))
    book.run(4)
    expect(image).to_have_attribute("alt", begins("N=7, R=1, W=2"))
    press(tab, group.get_by_role("combobox", name="Latency as at"), "ArrowDown")
    expect(image).to_have_attribute("alt", begins("N=7, R=1, W=2.*Yammer"))

    book.run(2)
    asked = tab.get_by_role("group", name="SET x = 1 changes")
    first, second = asked.get_by_role("button").all()
    press(tab, first, "Tab")
    expect(second).to_be_focused()
    assert asked.get_by_role("status").inner_text() == ""            # moving among the answers chooses nothing
    tab.keyboard.press("Space")
    expect(asked.get_by_role("status")).to_have_text("Right: All of them.")
    expect(second).to_have_attribute("aria-pressed", "true")
    press(tab, first, "Enter")
    expect(asked.get_by_role("status")).to_have_text("No: There is no WHERE.")
    assert book.run(3) == "one row"

    book.run(5)
    switch = tab.locator(".jp-OutputArea-output", has=tab.get_by_role("button", name="Cut the power"))
    press(tab, switch.get_by_role("spinbutton", name="Cut after step"), "ArrowUp")
    press(tab, switch.get_by_role("combobox", name="Synchronous"), "End")
    press(tab, switch.get_by_role("button", name="Cut the power"), "Enter")
    expect(switch.get_by_role("status")).to_contain_text("acknowledged")
    assert book.run(6) == "21 extra"
    assert tab.complaints == []

    book.start(7)
    expect(group.get_by_role("alert")).to_contain_text("Run this cell again")
    expect(slider).to_be_disabled()


EXPLORERS = """from splitbrain.widgets.detector import DetectorExplorer
from splitbrain.widgets.hash_ring import RingExplorer
from splitbrain.widgets.queue import QueueExplorer
display(DetectorExplorer(), RingExplorer(), QueueExplorer())"""


@pytest.mark.long
def test_nothing_serious_stands_in_anyones_way(lab, tab, axe):
    """No rule of axe-core that matters is broken by an explorer, a quiz or the power switch, in either theme."""
    book = Book.write(tab, lab, "audit.ipynb", QUORUM, EXPLORERS, QUIZ, SWITCH)
    book.run_all()
    expect(tab.locator(".sb-explorer")).to_have_count(4)
    for theme in ("Dark", "Light"):
        set_theme(book, theme)
        tab.add_script_tag(path=str(axe))
        outputs = tab.locator(".jp-OutputArea-output:has(.jupyter-widgets)")
        for part in [*tab.locator(".sb-explorer").all(), *outputs.all()]:
            assert serious(part) == [], theme
