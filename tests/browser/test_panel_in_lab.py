"""The panel in a real JupyterLab: by mouse, by keyboard, and while the kernel is busy."""

import re

import pytest
from playwright.sync_api import expect

CLUSTER = """
from splitbrain.cluster import Cluster
from splitbrain.node import Node, rpc
from splitbrain.widgets import Panel
class Register(Node):
    def setup(self):
        self.db["register"].create({"key": str, "value": int}, pk="key")
    @rpc
    async def put(self, key, value):
        self.write(key, value)
        for peer in self.peers:
            self.send(peer, "write_here", key, value)
    @rpc
    async def write_here(self, key, value):
        self.write(key, value)
    @rpc
    async def get(self, key):
        row = self.db.execute("SELECT value FROM register WHERE key = ?", (key,)).fetchone()
        return row and row[0]
    def write(self, key, value):
        with self.transaction():
            self.db.execute("INSERT OR REPLACE INTO register VALUES (?, ?)", (key, value))
"""
NEW, ASK, SLEEP, CODE, AGAIN, START = range(1, 7)


@pytest.fixture(scope="module")
def book(tab, lab):
    from .conftest import Book

    book = Book.write(
        tab, lab, "panel.ipynb", CLUSTER,
        "cluster = Cluster(Register, nodes=3, seed=7)\npanel = Panel(cluster)\npanel",
        "print(cluster.is_cut('n1', 'n2'), [cluster.state(n) for n in cluster.names], cluster.schedule)\n"
        "for o in cluster.history: print(o)",
        "import time\ntime.sleep(2)\nprint(cluster.schedule)",
        "cluster.cut('n1', 'n3', one_way=True)\ncluster.pause('n3')\ncluster.client('n2').put('x', 5)\ncluster.run(50)",
        "panel",
        "cluster.client('n1').start('put', 'x', 9)")
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


def link(panel, name="n1 n2"):
    return panel.locator(f"[data-link='{name}']")


def node(panel, name):
    return panel.locator(f"[data-node='{name}']")


def press(panel, name):
    panel.get_by_role("button", name=name, exact=True).click()


def tab_to(book, selector):
    """Press Tab, as somebody without a mouse does, until the focus is there."""
    for _ in range(30):
        book.tab.keyboard.press("Tab")
        if book.tab.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"Tab never came to {selector}")


def test_the_panel_is_drawn(panel):
    expect(panel.locator(".sb-node")).to_have_count(3)
    expect(panel.locator(".sb-link")).to_have_count(3)
    expect(panel.locator(".sb-verdict")).to_have_text("The databases are empty.")
    expect(node(panel, "n1")).to_have_accessible_name("node n1, up, holds nothing: press Enter to crash it")
    for control in panel.locator("button, input, select, [role=button]").all():
        expect(control).to_have_accessible_name(re.compile(r"\w"))


def test_a_click_cuts_a_link_and_another_heals_it(book, panel):
    link(panel).locator(".sb-hit").click(force=True)
    expect(link(panel)).to_have_attribute("data-cut", "both")
    expect(panel.locator("code")).to_have_text("cluster.cut('n1', 'n2')")
    assert book.run(ASK).startswith("True ['up', 'up', 'up'] [at(0, cut('n1', 'n2'))]")
    link(panel).locator(".sb-hit").click(force=True)
    expect(link(panel)).to_have_attribute("data-cut", "none")
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
    expect(node(panel, "n2")).to_have_attribute("data-state", "crashed")
    tab_to(book, "input[name=value]")
    book.tab.keyboard.type("7")
    tab_to(book, "button[data-do=put]")
    book.tab.keyboard.press("Enter")
    expect(panel.locator("[data-client=n1]")).to_contain_text("put(x, 7) ✓")
    assert "c1: put(x, 7) -> None" in book.run(ASK)


def test_a_node_crashes_and_comes_back(book, panel):
    node(panel, "n3").click()
    expect(node(panel, "n3")).to_have_attribute("data-state", "crashed")
    assert "['up', 'up', 'crashed']" in book.run(ASK)
    node(panel, "n3").click()
    expect(node(panel, "n3")).to_have_attribute("data-state", "up")
    assert "['up', 'up', 'up'] [at(0, crash('n3')), at(0, restart('n3'))]" in book.run(ASK)


def test_two_answers_to_one_question(book, panel):
    link(panel, "n1 n2").locator(".sb-hit").click(force=True)
    link(panel, "n1 n3").locator(".sb-hit").click(force=True)
    panel.get_by_label("value").fill("2")
    press(panel, "put")
    expect(node(panel, "n1").locator(".sb-row")).to_contain_text("2")
    panel.get_by_label("client at").select_option("n2")
    press(panel, "get")
    expect(panel.locator("[data-client=n2]")).to_contain_text("c2: get(x) → None")
    expect(panel.locator(".sb-verdict")).to_have_text("The copies differ: n1 has x = 2, n2 and n3 have no x.")
    expect(panel.get_by_role("log")).to_contain_text("c2 at n2: get(x) → None")
    assert "c1: put(x, 2) -> None\nc2: get(x) -> None" in book.run(ASK)


def test_step_run_heal_reset(book, panel):
    link(panel).locator(".sb-hit").click(force=True)
    press(panel, "heal")
    expect(link(panel)).to_have_attribute("data-cut", "none")
    panel.get_by_label("ms", exact=True).fill("30")
    press(panel, "run")
    expect(panel.locator(".sb-clock")).to_have_text("virtual time 30.0 ms")
    book.run(START)
    expect(panel.locator(".sb-message[data-kind=request]")).to_have_count(1)
    press(panel, "step")
    expect(panel.get_by_role("log")).to_contain_text("n1 receives put(x, 9) from c1")
    expect(panel.locator(".sb-message[data-kind=send]")).to_have_count(2)
    expect(panel.locator(".sb-message[data-kind=response]")).to_have_count(1)
    press(panel, "reset")
    expect(panel.locator(".sb-clock")).to_have_text("virtual time 0.0 ms")
    assert book.run(ASK) == "False ['up', 'up', 'up'] []"


def test_clicks_while_a_cell_is_running_wait_and_none_is_lost(book, panel):
    book.start(SLEEP)
    book.tab.wait_for_timeout(300)
    link(panel, "n1 n2").locator(".sb-hit").click(force=True)
    link(panel, "n2 n3").locator(".sb-hit").click(force=True)
    node(panel, "n1").click()
    expect(panel.locator(".sb-waiting")).to_contain_text("waits until the running cell has ended")
    expect(link(panel, "n1 n2")).to_have_attribute("data-cut", "none")
    expect(node(panel, "n1")).to_have_attribute("data-state", "crashed", timeout=10_000)
    expect(panel.locator(".sb-waiting")).to_be_empty()
    assert book.cell(SLEEP).locator(".jp-OutputArea-output pre").inner_text().strip() == "[]"
    assert "[at(0, cut('n1', 'n2')), at(0, cut('n2', 'n3')), at(0, crash('n1'))]" in book.run(ASK)


def test_what_a_cell_does_shows_at_once(book, panel):
    book.run(CODE)
    expect(link(panel, "n1 n3")).to_have_attribute("data-cut", "there")
    expect(node(panel, "n3")).to_have_attribute("data-state", "paused")
    expect(node(panel, "n1").locator(".sb-row")).to_contain_text("5")
    expect(panel.locator("[data-client=n2]")).to_contain_text("put(x, 5) ✓")


def test_two_views_show_the_same(book, panel):
    book.run(AGAIN)
    second = book.cell(AGAIN).locator(".sb-panel")
    node(second, "n1").click()
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
