"""The page's side, as far as Node can tell without a page: syntax, the joined module, and the film's arithmetic."""

import json
import re

import pytest

from splitbrain.widgets import Panel
from splitbrain.widgets.bundle import bundle

from .page import HERE, needs_node, run_node

MODULES = [HERE / "panel.js", *sorted((HERE / "js").glob("*.js"))]


@needs_node
def test_the_joined_module_is_sound():
    run_node(bundle(HERE / "panel.js"), "--check")


@needs_node
@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.name)
def test_every_module_is_sound_by_itself(path):
    run_node(path.read_text(), "--check")


def test_joining_takes_every_module_once_and_leaves_no_import():
    text = bundle(HERE / "panel.js")
    assert not re.search(r"^(import |export (?!default))", text, re.MULTILINE)
    for path in MODULES:
        first = re.search(r"^(?:export )?(function|class) (\w+)", path.read_text(), re.MULTILINE)
        assert len(re.findall(rf"^{first[1]} {first[2]}\b", text, re.MULTILINE)) == 1
    assert "://" not in re.sub(r"http://www\.w3\.org/2000/svg", "", text + Panel._css), "the panel needs no network"


def test_top_level_names_differ_so_that_modules_can_share_a_scope():
    names = [name for path in MODULES
             for name in re.findall(r"^(?:export )?(?:function|const|let|class) (\w+)", path.read_text(), re.MULTILINE)]
    assert len(names) == len(set(names))


def ask(modules, calls):
    script = "\n".join(bundle(HERE / "js" / f"{name}.js") for name in modules)
    return json.loads(run_node(f"{script}\nconsole.log(JSON.stringify({calls}));"))


@needs_node
def test_the_clock_of_a_film_runs_forward_between_its_ends():
    clock = [[0, 10], [0.25, 14], [0.5, 1000], [1, 1004]]
    times = ask(["film"], f"[0, 0.125, 0.25, 0.5, 0.75, 1].map(x => virtualTime({clock}, x))")
    assert times == [10, 12, 14, 1000, 1002, 1004]


@needs_node
def test_a_long_wait_is_played_short():
    film = ask(["film"], "compressed([4, 4, 6, 1004], 2, 1004)")
    assert film["clock"] == [[0, 2], [0.25, 4], [0.5, 6], [1, 1004]]
    assert film["ms"] == 8 * 160
    assert ask(["film"], "[1, 900].map((to) => compressed([...Array(to).keys()], 0, to).ms)") == [500, 2400]
    assert ask(["film"], "compressed([...Array(900).keys()], 0, 900, 14000).ms") == 14000
    assert ask(["film"], "even(10, 30, 10)") == {"ms": 2000, "clock": [[0, 10], [1, 30]]}


@needs_node
@pytest.mark.parametrize("dropped, groups, sides", [
    ("'n1', [300, 0], [0, 0]", [], [["n2", "n3"], ["n1"]]),
    ("'n1', [30, 0], [0, 0]", [], None),
    ("'n1', [300, 180], [0, 0]", [["n1"], ["n2", "n3"]], [["n2", "n3", "n1"]]),
    ("'n3', [90, 0], [0, 200]", [["n1"], ["n2", "n3"]], [["n1", "n3"], ["n2"]]),
    ("'n1', [-200, 0], [0, 0]", [["n1", "n2"], ["n3"]], [["n2"], ["n3"], ["n1"]]),
    ("'n3', [0, 300], [0, 200]", [["n1", "n2"], ["n3"]], None),
])
def test_where_a_node_is_dropped_says_with_whom_it_is(dropped, groups, sides):
    places = {"n1": [0, 0], "n2": [300, 200], "n3": [0, 200]}
    if groups and groups[0] == ["n1", "n2"]:
        places = {"n1": [0, 0], "n2": [0, 90], "n3": [0, 200]}
    got = ask(["drag"], f"parted({dropped}, {json.dumps(groups)}, new Map(Object.entries({json.dumps(places)})))")
    assert got == sides


@needs_node
def test_a_region_goes_round_its_cards():
    setup = {"card_width": 100, "card_height": 60, "width": 600, "height": 400}
    path = ask(["geometry"], f"region({json.dumps(setup)}, [[100, 100], [300, 100], [200, 300]])")
    points = [tuple(map(float, p.split(","))) for p in re.findall(r"[-\d.]+,[-\d.]+", path)]
    assert {(37, 57), (363, 57), (137, 343), (263, 343)} <= set(points)
    assert len(points) == len(set(points)) and path.endswith("Z")
