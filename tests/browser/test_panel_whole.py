"""The whole of the panel: every scenario by mouse and by keyboard, with motion, in both themes, for everyone."""

import io

import pytest
from playwright.sync_api import expect

from splitbrain.widgets import SCENARIOS

from .accessibility import serious, set_theme
from .panels import MOMENTS, REGISTER, choose, click_link, compare_with_journal, node, press, tab_to

pytestmark = pytest.mark.long
NEW, TELL, BOTH = 1, 2, 3


@pytest.fixture(scope="module")
def book(tab, lab):
    from .conftest import Book

    book = Book.write(
        tab, lab, "whole.ipynb", REGISTER,
        "cluster = Cluster(Register, nodes=5, seed=7)\npanel = Panel(cluster)\npanel", MOMENTS,
        "from splitbrain.widgets import compare\n"
        "both = compare(*[Cluster(Register, nodes=3, seed=7) for _ in '12'], titles=('CP', 'AP'))\nboth")
    book.run(0)
    return book


@pytest.fixture
def panel(book):
    book.tab.complaints.clear()
    book.run(NEW)
    panel = book.cell(NEW).locator(".sb-panel")
    panel.wait_for()
    yield panel
    assert book.tab.complaints == []


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_by_mouse_and_its_every_moment(book, panel, name):
    panel.locator("select[name=scenario]").select_option(name)
    panel.locator("button[data-do=scenario]").click()
    expect(panel.locator(".sb-story")).to_contain_text(SCENARIOS[name].look_for)
    expect(panel.locator(".sb-judged")).to_contain_text("violated")
    told = compare_with_journal(book, panel, TELL)
    run = SCENARIOS[name].run()
    assert len(told) == len(run.journal) + 1
    assert told[-1]["states"] == {name: run.cluster.state(name) for name in run.cluster.names}
    press(panel, "run")
    expect(panel.locator("code")).to_have_text("cluster.run(100)")


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_by_keyboard_alone(book, panel, name):
    book.cell(NEW).locator(".jp-InputPrompt").click()
    tab_to(book, "select[name=scenario]")
    for _ in range(list(SCENARIOS).index(name) + 1):
        book.tab.keyboard.press("ArrowDown")
    tab_to(book, "button[data-do=scenario]")
    book.tab.keyboard.press("Enter")
    expect(panel.locator(".sb-story")).to_contain_text(SCENARIOS[name].look_for)
    tab_to(book, "input[name=moment]")
    book.tab.keyboard.press("Home")
    expect(panel.locator(".sb-moment")).to_contain_text("nothing has happened yet")
    for _ in range(20):
        book.tab.keyboard.press("ArrowRight")
    expect(panel.locator(".sb-moment")).to_contain_text("20 of ")
    tab_to(book, "button[data-do=now]")
    book.tab.keyboard.press("Enter")
    expect(panel.locator(".sb-past")).to_be_hidden()


def test_two_clusters_side_by_side(book, panel):
    book.run(BOTH)
    cp, ap = [book.cell(BOTH).locator(".sb-panel").nth(i) for i in (0, 1)]
    left, right = cp.bounding_box(), ap.bounding_box()
    assert left["y"] == right["y"] and left["x"] + left["width"] <= right["x"], "side by side"
    click_link(ap)
    for one in (cp, ap):
        expect(one.locator("[data-link='n1 n2']")).to_have_attribute("data-cut", "both")


def test_with_motion_the_same_is_there_at_the_end(book, panel):
    """Messages are seen on their way, nodes glide; then everything is where it is without motion."""
    book.tab.emulate_media(reduced_motion="no-preference")
    try:
        press(panel, "put")
        expect(panel.locator(".sb-message[data-live=false]")).not_to_have_count(0)
        press(panel, "run")
        panel.locator("input[name=groups]").fill("n1 n2 | n3 n4 n5")
        press(panel, "partition")
        expect(panel.locator(".sb-region")).to_have_count(2)
        book.tab.wait_for_timeout(3000)
        moved = node(panel, "n3").get_attribute("transform")
        compare_with_journal(book, panel, TELL)
        expect(node(panel, "n3")).to_have_attribute("transform", moved)
        panel.locator("button[data-do='reset']").click()
        expect(panel.locator(".sb-region")).to_have_count(0)
    finally:
        book.tab.emulate_media(reduced_motion="reduce")


def fill(panel):
    """A panel with something of everything in it."""
    press(panel, "put")
    node(panel, "n5").click()
    choose(panel, "crash")
    panel.locator("input[name=groups]").fill("n1 n2 | n3 n4 n5")
    press(panel, "partition")
    panel.locator("input[name=wait]").uncheck()
    press(panel, "put")
    press(panel, "step")
    node(panel, "n3").click()
    choose(panel, "pause")
    panel.locator("button[data-do=copy]").click()
    expect(panel.locator("input.sb-line")).to_be_visible()


@pytest.mark.parametrize("theme, darkest, lightest", [("Light", 190, 256), ("Dark", 0, 70)])
def test_nothing_serious_stands_in_anyones_way(book, panel, axe, tmp_path, theme, darkest, lightest):
    """No rule of axe-core that matters is broken; the panel takes on the theme (and leaves a picture of it)."""
    from PIL import Image, ImageStat

    set_theme(book, theme)
    try:
        fill(panel)
        book.tab.add_script_tag(path=str(axe))
        for looking_back in (False, True):
            if looking_back:
                panel.locator("input[name=moment]").fill("12")
            assert serious(panel) == []
        picture = panel.screenshot(path=tmp_path / f"panel-{theme.lower()}.png")
        assert darkest <= ImageStat.Stat(Image.open(io.BytesIO(picture)).convert("L")).mean[0] <= lightest
    finally:
        set_theme(book, "Light")


@pytest.mark.parametrize("width", [420, 700, 1920])
def test_it_fits_narrow_and_wide_screens(book, panel, width):
    """No part is cut off or makes the page scroll sideways; only the diagram itself may scroll in its frame."""
    before = book.tab.viewport_size
    try:
        book.tab.set_viewport_size({"width": width, "height": 1000})
        fill(panel)
        wide = panel.evaluate("""(panel) => {
            const right = (e) => e.getBoundingClientRect().right;
            const parts = [...panel.querySelectorAll('*')].filter((e) => !e.closest('.sb-picture, svg'));
            return parts.filter((e) => right(e) > right(panel) + 1).map((e) => e.className);
        }""")
        assert wide == []
        expect(panel.locator("button[data-do=put]")).to_be_visible()
    finally:
        book.tab.set_viewport_size(before)
