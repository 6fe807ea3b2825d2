"""The page's side, as far as Node can tell without a page: syntax, the joined module, and the film's arithmetic."""

import json
import re
import shutil
import subprocess

import pytest

from splitbrain.widgets import Panel, panel
from splitbrain.widgets.bundle import bundle

from .registers import register

HERE = panel._HERE
MODULES = [HERE / "panel.js", *sorted((HERE / "js").glob("*.js"))]
node = pytest.mark.skipif(shutil.which("node") is None, reason="no node on the PATH")


def run_node(script, *flags):
    command = ["node", "--input-type=module", *flags]
    done = subprocess.run(command, input=script, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@node
def test_the_joined_module_is_sound():
    run_node(bundle(HERE / "panel.js"), "--check")


@node
@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.name)
def test_every_module_is_sound_by_itself(path):
    run_node(path.read_text(), "--check")


def test_joining_takes_every_module_once_and_leaves_no_import():
    text = bundle(HERE / "panel.js")
    assert not re.search(r"^(import |export (?!default))", text, re.MULTILINE)
    for path in MODULES:
        first = re.search(r"^(?:export )?function (\w+)", path.read_text(), re.MULTILINE)
        assert len(re.findall(rf"^function {first[1]}\b", text, re.MULTILINE)) == 1
    assert "://" not in re.sub(r"http://www\.w3\.org/2000/svg", "", text + Panel._css), "the panel needs no network"


def test_top_level_names_differ_so_that_modules_can_share_a_scope():
    names = [name for path in MODULES
             for name in re.findall(r"^(?:export )?(?:function|const|let|class) (\w+)", path.read_text(), re.MULTILINE)]
    assert len(names) == len(set(names))


def film(snapshot, calls):
    return json.loads(run_node(bundle(HERE / "js" / "film.js")
                               + f"\nconst s = {json.dumps(snapshot)};\nconsole.log(JSON.stringify({calls}));"))


@node
def test_messages_are_drawn_where_the_simulator_has_them():
    """Halfway between sending and arriving, a message is in the middle of its link."""
    with register() as cluster:
        shown = Panel(cluster)
        cluster.client("n1").start("put", "x", 1)
        cluster.run(3)
        dots, before = film(shown.snapshot, "[dots(s, s.time), dots(s, 1)]")
        assert [d["kind"] for d in dots] == ["send", "send", "response"]
        for dot, journey in zip(dots, (j for j in shown.snapshot["journeys"] if j["flying"]), strict=True):
            x1, y1, x2, y2 = journey["line"]
            aside = ((dot["x"] - (x1 + x2) / 2) ** 2 + (dot["y"] - (y1 + y2) / 2) ** 2) ** 0.5
            assert abs(aside - 7) < 0.01, "beside the middle of its link, on its own lane"
        assert [(d["kind"], d["lost"]) for d in before] == [("request", False)]


@node
def test_a_lost_message_is_marked_where_it_was_lost_and_then_gone():
    with register() as cluster:
        cluster.cut("n1", "n2")
        shown = Panel(cluster)
        cluster.client("n1").put("x", 1)
        lost = film(shown.snapshot, "[1.9, 2, 4.9, 5].map(ms => dots(s, ms).filter(d => d.lost).length)")
        assert lost == [0, 1, 1, 0]


@node
def test_a_node_shows_a_value_from_the_moment_of_its_commit():
    with register() as cluster:
        shown = Panel(cluster)
        before = shown.snapshot
        cluster.client("n1").put("x", 1)
        snapshot = shown.snapshot | {"before": before}
        held = film(snapshot, "['n1', 'n2'].map(n => [1, 2, 3.9, 4].map(t => rowsAt(s, s.before, n, t)))")
        assert held == [[[], None, None, None], [[], [], [], None]]


@node
def test_the_clock_of_a_film_runs_forward_between_its_ends():
    clock = [[0, 10], [0.25, 14], [0.5, 1000], [1, 1004]]
    times = film({"clock": clock}, "[0, 0.125, 0.25, 0.5, 0.75, 1].map(x => virtualTime(s.clock, x))")
    assert times == [10, 12, 14, 1000, 1002, 1004]
