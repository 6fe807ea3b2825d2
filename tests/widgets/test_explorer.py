"""Explorers: whatever a slider does, setting an attribute does; what is drawn is said in words and in a table."""

import math

import pytest
import traitlets

from splitbrain.theory.queueing import arrivals, depth, serve
from splitbrain.theory.staleness import LATENCIES, stale_versions, staleness
from splitbrain.widgets import explorer as explorers
from splitbrain.widgets.bundle import bundle
from splitbrain.widgets.cache import KEEPS, CacheExplorer
from splitbrain.widgets.detector import PHI, DetectorExplorer
from splitbrain.widgets.explorer import Explorer, number, one_of
from splitbrain.widgets.hash_ring import JOINS, LEAVES, RingExplorer
from splitbrain.widgets.lease import CUT, FENCED, NOTHING, SLOW, LeaseExplorer, lease_run
from splitbrain.widgets.queue import QueueExplorer
from splitbrain.widgets.quorum import QuorumExplorer
from splitbrain.widgets.saga import SagaExplorer

ALL = [QuorumExplorer, QueueExplorer, DetectorExplorer, RingExplorer, SagaExplorer, LeaseExplorer, CacheExplorer]
EXTREMES = {QuorumExplorer: [{"n": 7, "r": 7, "w": 7}, {"n": 1}, {"n": 7, "slower": 20, "ms": 2000}],
            QueueExplorer: [{"load": 0, "burst": 0}, {"load": 100, "burst": 200, "workers": 1, "rate": 1},
                            {"seconds": 0}, {"seconds": 100, "room": 0}],
            DetectorExplorer: [{"timeout": 105, "interval": 1000}, {"timeout": 5000, "interval": 50, "lost": 10.0},
                               {"detector": PHI, "phi": 12.0, "delays": "steady"}],
            CacheExplorer: [{"lease": 0, "cut_for": 90, "after": KEEPS},
                            {"lease": 60, "write_every": 30, "cut_for": 0}],
            SagaExplorer: [{"build": "routing slip", "refused": "nobody"}, {"killed": "order", "boundary": 1},
                           {"build": "choreographed saga", "refused": "book, twice", "killed": "payment"}],
            LeaseExplorer: [{"wrong": NOTHING}, {"since": 300, "lasts": 0},
                            {"wrong": SLOW, "lasts": 1000, "length": 600}, {"wrong": CUT, "margin": 100}],
            RingExplorer: [{"nodes": 2, "change": LEAVES, "tokens": 1}, {"nodes": 10, "tokens": 128}]}


def first_line(explorer):
    return explorer.picture.alt.splitlines()[0]


@pytest.fixture(params=ALL, ids=lambda kind: kind.__name__)
def explorer(request):
    return request.param()


def test_every_control_changes_what_is_said_and_drawn(explorer):
    """Each to its end, the last one first; the page is told each time."""
    settings = explorer.settings
    assert list(settings) == [control["name"] for control in explorer.setup["controls"]]
    for name, control in reversed(explorer.controls().items()):
        before = explorer.shown
        ends = control.get("options") or [control["low"], control["high"]]
        setattr(explorer, name, next(end for end in (ends[-1], ends[0]) if end != settings[name]))
        for part in ("source", "alt"):
            assert explorer.shown[part] != before[part], name
        assert explorer.shown["alt"] == explorer.picture.alt


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_the_ends_of_the_sliders_can_be_drawn(kind):
    for values in EXTREMES[kind]:
        picture = kind(**values).picture
        assert "nan" not in picture.svg and len(picture.svg) < 160_000
        assert picture.alt and picture.table and picture.caption
        assert not any(math.isnan(v) for row in picture.table for v in row.values() if isinstance(v, float))


def test_the_first_line_of_the_words_is_a_sentence_that_names_the_setting(explorer):
    line = first_line(explorer)
    assert line.endswith(".") and len(line) < 140


def test_a_page_moves_a_slider_as_code_does(explorer):
    other = type(explorer)()
    name, control = next(iter(explorer.controls().items()))
    value = control["options"][-1] if control.get("options") else control["high"]
    explorer.set_state({name: value})                     # what a message from the page does
    setattr(other, name, value)
    assert explorer.picture == other.picture and explorer.shown == other.shown


def test_the_same_setting_is_the_same_bytes(explorer):
    assert type(explorer)(**explorer.settings).picture == explorer.picture


def test_what_is_stored_says_that_it_is_a_picture(explorer):
    data, _ = explorer._repr_mimebundle_()
    assert "run this cell" in data["text/html"] and 'alt="' in data["text/html"] and "<details>" in data["text/html"]
    assert data["text/plain"] == repr(explorer) and "0x" not in repr(explorer)
    assert repr(explorer).startswith(f"{type(explorer).__name__}(") and explorer.picture.alt in repr(explorer)
    assert "application/vnd.jupyter.widget-view+json" in data


def test_what_cannot_be_set_is_refused():
    with pytest.raises(traitlets.TraitError):
        QuorumExplorer(n=9)
    with pytest.raises(traitlets.TraitError):
        QueueExplorer().room = 7
    with pytest.raises(TypeError, match="no 'replicas'; it has n, r, w, latencies, slower, ms"):
        QuorumExplorer(replicas=3)


def test_r_and_w_go_no_further_than_n():
    explorer = QuorumExplorer(r=5, w=4, n=5)
    assert (explorer.r, explorer.w) == (5, 4)
    explorer.n = 3
    assert (explorer.r, explorer.w) == (3, 3)
    explorer.r = 7
    assert explorer.r == 3 and first_line(explorer).startswith("N=3, R=3, W=3")


def test_while_a_cell_runs_nothing_is_drawn_and_afterwards_once(monkeypatch):
    later, drawn = [], []

    class Counting(Explorer):
        title = "Counting"
        one = number(1, "One", 0, 9)
        two = one_of("a", "Two", ["a", "b"])

        def draw(self):
            drawn.append(self.settings)
            return RingExplorer(nodes=2).picture

    explorer = Counting()
    monkeypatch.setattr(explorers, "after_the_cell", later.append)
    explorer.one, explorer.two, explorer.one = 5, "b", 6
    assert len(later) == 1 and drawn == [{"one": 1, "two": "a"}]
    later[0]()
    assert drawn[1:] == [{"one": 6, "two": "b"}]
    explorer.one = 8
    explorer._repr_mimebundle_()
    assert len(drawn) == 3 and drawn[2]["one"] == 8, "what a cell shows at its end is what it has set"
    explorer.one = 7
    assert explorer.picture and drawn[-1]["one"] == 7, "code need not wait"
    assert len(later) == 3


def test_the_quorum_says_what_the_dice_say():
    explorer = QuorumExplorer(n=3, r=1, w=2, latencies="Yammer", ms=5)
    dice = staleness(3, LATENCIES["Yammer"])
    assert f"{dice.stale(1, 2, 5):.1%} of the reads that begin 5 ms after" in first_line(explorer)
    assert f"At most {stale_versions(3, 1, 2):.1%} miss the last write" in explorer.picture.alt
    row = next(row for row in explorer.picture.table if row["chosen"])
    assert (row["R"], row["W"], row["quorum"]) == (1, 2, "partial")
    assert sum(row["quorum"] == "strict" for row in explorer.picture.table) == 6
    assert all(row["stale after 5 ms"] == "0%" for row in explorer.picture.table if row["quorum"] == "strict")


def test_the_queue_says_what_was_served():
    explorer = QueueExplorer(load=30, burst=100, seconds=10, workers=4, rate=10, room=100)
    jobs = serve(arrivals([(30, 20), (100, 10), (30, 90)]), workers=4, rate=10, room=100)
    assert f"At most {max(count for _, count in depth(jobs))} jobs are there" in first_line(explorer)
    assert f"{sum(job.refused for job in jobs)} of {len(jobs)} jobs are turned away" in explorer.picture.alt
    rows = explorer.picture.table
    assert sum(row["arrived"] for row in rows) == len(jobs)
    assert sum(row["turned away"] for row in rows) == sum(job.refused for job in jobs)
    steps = depth(jobs)
    for place, row in enumerate(rows):
        there = [[count for time, count in steps if time <= 5 * place][-1]]
        there += [count for time, count in steps if 5 * place <= time < 5 * place + 5]
        assert row["most there"] == max(there)


def test_the_queue_says_when_it_never_ends():
    assert "10 jobs a second pile up, for ever" in QueueExplorer(load=60, burst=60).picture.alt
    assert "for ever" not in QueueExplorer(load=45, burst=200).picture.alt


def test_the_detector_marks_its_threshold_and_compares():
    explorer = DetectorExplorer(delays="calm and busy by turns", detector=PHI, phi=2.0)
    (row,) = [row for row in explorer.picture.table if row["chosen"]]
    assert row["threshold"] == "phi 2" and f"{row['ms to detect']} ms in the mean" in first_line(explorer)
    alarms = float(row["false alarms an hour"])
    fixed = [r for r in explorer.picture.table if r["detector"] == "fixed timeout"
             and float(r["ms to detect"]) <= float(row["ms to detect"])]
    assert min(float(r["false alarms an hour"]) for r in fixed) > alarms, "phi follows the weather"
    assert "With no more false alarms, fixed timeout takes" in explorer.picture.alt


def test_the_ring_counts_every_key_and_moves_only_to_or_from_the_node_that_changes():
    for change, column in ((JOINS, "came"), (LEAVES, "went")):
        rows = RingExplorer(nodes=5, change=change, tokens=16).picture.table
        for placement in ("ring", "modulo"):
            mine = [row for row in rows if row["placement"] == placement]
            assert sum(row["keys before"] for row in mine) == sum(row["keys afterwards"] for row in mine) == 4000
            movers = [row["node"] for row in mine if row[column]]
            assert movers == ([mine[-1]["node"]] if placement == "ring" else movers) and movers
        assert "modulo 83.0%" in first_line(RingExplorer(nodes=5, change=JOINS, tokens=16))


def test_the_page_needs_no_network_and_its_modules_share_a_scope():
    text = bundle(explorers._HERE / "explorer.js")
    assert "import " not in text.replace("import(", "") and text.count("export default") == 1
    assert "://" not in text.replace("http://www.w3.org/2000/svg", "") + Explorer._css


@pytest.mark.parametrize(("settings", "status"), [
    ({"wrong": NOTHING}, "ok"), ({"wrong": CUT}, "ok"), ({"wrong": SLOW}, "violated"), ({}, "violated"),
    ({"wrong": SLOW, "store": FENCED}, "ok"), ({"store": FENCED}, "ok"), ({"margin": 100}, "violated"),
])
def test_a_lease_alone_is_as_good_as_its_clock_and_the_fence_needs_none(settings, status):
    assert lease_run(**settings).verdict.status == status


def test_what_is_drawn_of_a_lease_is_what_happened():
    seen = lease_run(store=FENCED)
    assert [(span.holder, span.epoch) for span in seen.leases] == [("a", 1), ("b", 2)]
    first, second = seen.leases
    assert first.end <= second.begin
    belief = next(span for span in seen.beliefs if span.holder == "a")
    assert first.begin <= belief.begin + 5 and belief.end <= first.end
    assert [(holder, epoch) for _, holder, epoch, granted in seen.writes if not granted] == [("a", 1)]
    assert "accepted after a later epoch" not in LeaseExplorer(store=FENCED).picture.alt
