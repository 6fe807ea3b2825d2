"""The panel in a real JupyterLab: by mouse, by keyboard, and while the kernel is busy."""

import re

import pytest
from playwright.sync_api import expect

from .panels import (
    MOMENTS,
    REGISTER,
    choose,
    click_link,
    compare_with_journal,
    link,
    node,
    press,
    tab_to,
    type_into,
)

NEW, ASK, SLEEP, CODE, AGAIN, TELL, SLOW = range(1, 8)


@pytest.fixture(scope="module")
def book(tab, lab):
    from .conftest import Book

    book = Book.write(
        tab, lab, "panel.ipynb", REGISTER,
        "cluster = Cluster(Register, nodes=3, seed=7)\npanel = Panel(cluster)\npanel",
        "print(cluster.is_cut('n1', 'n2'), [cluster.state(n) for n in cluster.names], cluster.schedule)\n"
        "for o in cluster.history: print(o)",
        "import time\ntime.sleep(2)\nprint(cluster.schedule)",
        "cluster.cut('n1', 'n3', one_way=True)\ncluster.pause('n3')\ncluster.client('n2').put('x', 5)\ncluster.run(50)",
        "panel", MOMENTS,
        "cluster.watchers.append(lambda: time.sleep(0.02))\nfor i in range(50): cluster.client('n1').put('x', i)\n"
        "cluster.watchers.pop(); print(cluster.schedule, len(cluster.history))")
    book.run(0)
    return book


@pytest.fixture
def panel(book):
    """A new cluster and its panel; no test leaves an error in the console."""
    book.tab.complaints.clear()
    book.run(NEW)
    panel = book.cell(NEW).locator(".sb-panel")
    panel.wait_for()
    yield panel
    assert book.tab.complaints == []


def test_the_panel_is_drawn(panel):
    expect(panel.locator(".sb-node")).to_have_count(3)
    expect(panel.locator(".sb-link")).to_have_count(3)
    expect(panel.locator(".sb-verdict")).to_have_text("The databases are empty.")
    expect(node(panel, "n1")).to_have_accessible_name(
        "node n1, up, holds nothing: press Enter to choose what happens to it")
    for control in panel.locator("button:visible, input:visible, select, [role=button]").all():
        expect(control).to_have_accessible_name(re.compile(r"\w"))


def test_a_click_cuts_a_link_and_another_heals_it(book, panel):
    click_link(panel)
    expect(link(panel)).to_have_attribute("data-cut", "both")
    expect(panel.locator("code")).to_have_text("cluster.cut('n1', 'n2')")
    assert book.run(ASK).startswith("True ['up', 'up', 'up'] [at(0, cut('n1', 'n2'))]")
    click_link(panel)
    expect(link(panel)).to_have_attribute("data-cut", "none")
    choose(panel, "cut n2 → n1")
    expect(link(panel)).to_have_attribute("data-cut", "back")
    assert book.run(ASK).startswith("False")


def test_the_same_by_keyboard_alone(book, panel):
    book.cell(NEW).locator(".jp-InputPrompt").click()
    tab_to(book, "[data-link='n1 n2']")
    book.tab.keyboard.press("Enter")
    expect(link(panel)).to_have_attribute("data-cut", "both")
    assert book.tab.evaluate("document.activeElement.dataset.link") == "n1 n2", "the focus stays where it was"
    book.tab.keyboard.press("Space")
    expect(link(panel)).to_have_attribute("data-cut", "none")
    tab_to(book, "[data-node='n2']")
    book.tab.keyboard.press("Enter")
    expect(panel.locator(".sb-choices button[data-do=crash]")).to_be_focused()
    book.tab.keyboard.press("Enter")
    expect(node(panel, "n2")).to_have_attribute("data-state", "crashed")
    expect(panel.locator(".sb-choices button[data-do=restart]")).to_be_focused()
    book.tab.keyboard.press("Enter")
    expect(node(panel, "n2")).to_have_attribute("data-state", "up")
    book.tab.keyboard.press("Escape")
    expect(node(panel, "n2")).to_be_focused()
    type_into(book, "input[name=value]", "7")
    tab_to(book, "button[data-do=put]")
    book.tab.keyboard.press("Enter")
    expect(panel.locator("[data-client=n1]")).to_contain_text("put(x, 7) ✓")
    tab_to(book, "button[data-do=get]")
    book.tab.keyboard.press("Enter")
    expect(panel.locator("[data-client=n1]")).to_contain_text("get(x) → 7")
    type_into(book, "input[name=groups]", "n2 | n1 n3")
    book.tab.keyboard.press("Enter")
    expect(panel.locator("[data-region='n2']")).to_have_count(1)
    tab_to(book, "input[name=moment]")
    book.tab.keyboard.press("Home")
    expect(panel.locator(".sb-past")).to_be_visible()
    expect(node(panel, "n1").locator(".sb-row")).to_have_count(0)
    book.tab.keyboard.press("End")
    expect(node(panel, "n1").locator(".sb-row")).to_contain_text("7")
    assert "c1: put(x, 7) -> None\nc1: get(x) -> 7" in book.run(ASK)


def test_a_message_is_chosen_and_lost_by_keyboard(book, panel):
    panel.locator("input[name=wait]").uncheck()
    press(panel, "put")
    press(panel, "step")
    expect(panel.locator(".sb-message[data-live=true]")).to_have_count(3)
    tab_to(book, ".sb-message[data-kind=send]", back=True)
    chosen = book.tab.evaluate("document.activeElement.getAttribute('data-flight')")
    expect(panel.locator(f".sb-st-flight[data-flight='{chosen}'][data-marked]")).to_have_count(1)
    book.tab.keyboard.press("Enter")
    tab_to(book, ".sb-choices button[data-do='lose it']")
    book.tab.keyboard.press("Enter")
    expect(panel.locator(f".sb-message[data-flight='{chosen}'][data-lost=true]")).to_have_count(1)
    expect(panel.locator(f".sb-st-flight[data-flight='{chosen}'][data-lost=true]")).to_have_count(1)
    assert "drop('c1#0', 'n1', " in book.run(ASK)


def test_a_node_crashes_and_comes_back(book, panel):
    node(panel, "n3").click()
    choose(panel, "crash")
    expect(node(panel, "n3")).to_have_attribute("data-state", "crashed")
    assert "['up', 'up', 'crashed']" in book.run(ASK)
    choose(panel, "restart")
    expect(node(panel, "n3")).to_have_attribute("data-state", "up")
    assert "['up', 'up', 'up'] [at(0, crash('n3')), at(0, restart('n3'))]" in book.run(ASK)
    choose(panel, "slow by")
    expect(node(panel, "n3")).to_contain_text("slow by 20 ms")


def test_a_node_is_dragged_away_and_back(book, panel):
    def drag(name, onto, up=0):
        panel.locator(".sb-scene").scroll_into_view_if_needed()
        boxes = [node(panel, each).bounding_box() for each in (name, onto)]
        for box, higher, act in zip(boxes, (0, up), (book.tab.mouse.down, book.tab.mouse.up), strict=True):
            book.tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 - higher, steps=5)
            act()

    drag("n2", "n2", up=120)
    expect(panel.locator(".sb-region")).to_have_count(2)
    expect(panel.locator("[data-region='n2']")).to_have_count(1)
    assert "at(0, partition('n1 n3', 'n2'))" in book.run(ASK)
    drag("n2", "n3")
    expect(panel.locator(".sb-region")).to_have_count(0)
    assert book.run(ASK).endswith("at(0, heal())]")


def test_two_answers_to_one_question(book, panel):
    click_link(panel, "n1 n2")
    click_link(panel, "n1 n3")
    panel.get_by_label("value").fill("2")
    press(panel, "put")
    expect(node(panel, "n1").locator(".sb-row")).to_contain_text("2")
    panel.get_by_label("client at").select_option("n2")
    press(panel, "get")
    expect(panel.locator("[data-client=n2]")).to_contain_text("c2: get(x) → None")
    expect(panel.locator(".sb-verdict")).to_have_text("The copies differ: n1 has x = 2, n2 and n3 have no x.")
    expect(panel.get_by_role("log")).to_contain_text("c2 at n2: get(x) → None")
    expect(panel.locator(".sb-judged")).to_contain_text("violated: c2 read x = None")
    expect(panel.locator(".sb-st-asked[data-witness]")).to_have_count(2)
    assert "c1: put(x, 2) -> None\nc2: get(x) -> None" in book.run(ASK)


def test_what_the_page_shows_of_the_past_is_what_the_journal_says(book, panel):
    press(panel, "put")
    panel.get_by_label("client at").select_option("n2")
    press(panel, "get")
    node(panel, "n3").click()
    choose(panel, "cut its power")
    panel.locator("input[name=groups]").fill("n1 n3 | n2")
    press(panel, "partition")
    panel.get_by_label("value").fill("9")
    panel.locator("input[name=wait]").uncheck()
    press(panel, "put")
    press(panel, "until quiet")
    press(panel, "heal")
    press(panel, "run")
    expect(panel.locator(".sb-moment")).to_contain_text("now, after")
    told = compare_with_journal(book, panel, TELL)
    assert len(told) > 30 and any(t["flying"] for t in told) and any(any(map(any, t["cut"].values())) for t in told)


def test_all_that_was_done_is_copied_as_one_line(book, panel):
    press(panel, "put")
    press(panel, "step")
    panel.locator("button[data-do=copy]").click()
    line = panel.locator("input.sb-line")
    expect(line).to_have_value(re.compile(r"^replay\(Register, \"nodes=3, seed=7, ask=\[op\(0, 'c1', 'put', 'x', 1"))


def test_step_run_heal_reset(book, panel):
    click_link(panel)
    press(panel, "heal")
    expect(link(panel)).to_have_attribute("data-cut", "none")
    panel.locator("input[name=wait]").uncheck()
    press(panel, "put")
    expect(panel.locator(".sb-message")).to_have_count(1)
    press(panel, "step")
    expect(panel.locator(".sb-message[data-kind=send]")).to_have_count(2)
    expect(panel.locator(".sb-message[data-kind=response]")).to_have_count(1)
    press(panel, "reset")
    expect(panel.locator(".sb-clock")).to_have_text("virtual time 0.0 ms")
    assert book.run(ASK) == "False ['up', 'up', 'up'] []"


def test_playing_goes_on_until_nothing_is_under_way(book, panel):
    panel.locator("input[name=wait]").uncheck()
    press(panel, "put")
    panel.get_by_role("button", name="play", exact=True).click()
    expect(panel.get_by_role("button", name="pause", exact=True)).to_be_visible()
    expect(panel.get_by_role("button", name="play", exact=True)).to_be_visible(timeout=20_000)
    assert "c1: put(x, 1) -> None" in book.run(ASK)


def test_clicks_while_a_cell_is_running_wait_and_none_is_lost(book, panel):
    book.start(SLEEP)
    book.tab.wait_for_timeout(300)
    click_link(panel, "n1 n2")
    click_link(panel, "n2 n3")
    node(panel, "n1").click()
    choose(panel, "crash")
    expect(panel.locator(".sb-waiting")).to_contain_text("waits until the running cell has ended")
    expect(link(panel, "n1 n2")).to_have_attribute("data-cut", "none")
    expect(node(panel, "n1")).to_have_attribute("data-state", "crashed", timeout=10_000)
    expect(panel.locator(".sb-waiting")).to_be_empty()
    assert book.cell(SLEEP).locator(".jp-OutputArea-output pre").inner_text().strip() == "[]"
    assert "[at(0, cut('n1', 'n2')), at(0, cut('n2', 'n3')), at(0, crash('n1'))]" in book.run(ASK)


def test_a_click_while_the_simulation_runs_waits_for_its_end(book, panel):
    book.start(SLOW)
    expect(panel.locator(".sb-clock b")).not_to_have_text("0.0 ms")
    click_link(panel, "n2 n3")
    expect(link(panel, "n2 n3")).to_have_attribute("data-cut", "both", timeout=20_000)
    assert book.cell(SLOW).locator(".jp-OutputArea-output pre").inner_text().strip() == "[] 50"


def test_what_a_cell_does_shows_at_once(book, panel):
    book.run(CODE)
    expect(link(panel, "n1 n3")).to_have_attribute("data-cut", "there")
    expect(node(panel, "n3")).to_have_attribute("data-state", "paused")
    expect(node(panel, "n1").locator(".sb-row")).to_contain_text("5")
    expect(panel.locator("[data-client=n2]")).to_contain_text("put(x, 5) ✓")


def test_a_second_view_is_told_the_past_too(book, panel):
    press(panel, "put")
    press(panel, "run")
    expect(panel.locator(".sb-clock b")).not_to_have_text("0.0 ms")
    book.run(AGAIN)
    second = book.cell(AGAIN).locator(".sb-panel")
    compare_with_journal(book, second, TELL)
    node(second, "n1").click()
    choose(second, "crash")
    expect(node(panel, "n1")).to_have_attribute("data-state", "crashed")
    expect(node(second, "n1")).to_have_attribute("data-state", "crashed")


def test_plain_keys_are_the_panels_and_shift_enter_jupyters(book, panel):
    """In command mode b is a new cell and x cuts one: not while the focus is in the panel."""
    cells = book.tab.locator(".jp-Notebook .jp-Cell")
    before = cells.count()
    book.cell(NEW).locator(".jp-InputPrompt").click()
    node(panel, "n1").focus()
    book.tab.keyboard.press("b")
    book.tab.keyboard.press("Enter")
    book.tab.keyboard.press("Enter")
    expect(node(panel, "n1")).to_have_attribute("data-state", "crashed")
    expect(cells).to_have_count(before)
    book.tab.keyboard.press("Shift+Enter")
    expect(book.cell(NEW).locator(".jp-InputPrompt")).to_have_text(re.compile(r"\[(\d+|\*)\]"))
    expect(node(book.cell(NEW).locator(".sb-panel"), "n1")).to_have_attribute("data-state", "up")


def test_a_kernel_that_dies_leaves_a_panel_that_says_so(book, panel):
    book.tab.get_by_role("menuitem", name="Kernel", exact=True).click()
    book.tab.get_by_text("Shut Down Kernel", exact=True).click()
    expect(panel.get_by_role("alert")).to_contain_text("The kernel has ended")
    expect(panel.locator("button[data-do=put]")).to_be_disabled()
