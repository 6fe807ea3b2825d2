"""What the page is given: where messages are, what the log says, how the last stretch is played."""

import pytest

from splitbrain import constant, exponential, uniform
from splitbrain.widgets import Panel

from .registers import register


@pytest.fixture
def cluster():
    with register() as cluster:
        yield cluster


@pytest.fixture
def panel(cluster):
    return Panel(cluster)


def log(panel):
    return [text for _, _, text in panel.snapshot["log"]]


def test_messages_in_flight_are_those_of_the_cluster(panel, cluster):
    cluster.client("n1").start("put", "x", 1)
    cluster.run(3)
    flying = panel.snapshot["flying"]
    assert [f["id"] for f in flying] == [m.id for m, _, _ in cluster.in_flight()] == [2, 3, 4]
    assert [f["kind"] for f in flying] == ["send", "send", "response"]
    assert {(f["sent"], f["arrives"]) for f in flying} == {(2, 4)}
    assert (flying[0]["text"], flying[0]["source"], flying[0]["target"]) == ("copy(x, 1)", "n1", "n2")


def test_what_waits_at_a_paused_node_is_there_and_has_no_time_of_arrival(panel, cluster):
    cluster.pause("n2")
    cluster.client("n1").start("put", "x", 1)
    cluster.run(10)
    assert [(f["target"], f["arrives"]) for f in panel.snapshot["flying"]] == [("n2", None)]


def test_a_duplicate_is_there_twice():
    from splitbrain.faults import Fault

    with register(nodes=2) as cluster:
        cluster.apply(Fault("duplicate", (1.0,)))
        panel = Panel(cluster)
        cluster.client("n1").start("put", "x", 1)
        cluster.run(3)
        assert [f["kind"] for f in panel.snapshot["flying"]].count("send") == 2


def test_only_so_many_messages_are_told_of(panel, cluster):
    cluster.latency(constant(500))
    for name in cluster.names:
        for i in range(40):
            cluster.client(name, f"{name}-{i}").start("get", "x")
    assert len(cluster.in_flight()) == 120 and len(panel.snapshot["flying"]) == 60


@pytest.mark.parametrize("story, line", [
    (lambda c: c.partition("n1 n2", "n3"), "partition('n1 n2', 'n3')"),
    (lambda c: c.crash("n1", kind="power"), "n1 crashes (power)"),
    (lambda c: (c.crash("n1"), c.restart("n1")), "n1 restarts"),
    (lambda c: c.pause("n2"), "n2 is paused"),
    (lambda c: (c.pause("n2"), c.resume("n2")), "n2 goes on"),
    (lambda c: setattr(c["n1"], "role", "leader"), "n1 is now leader"),
    (lambda c: c["n1"].log("{all} is well"), "n1: {all} is well"),
    (lambda c: c.client("n1").put("x", 1), "c1 at n1: put(x, 1) ✓"),
    (lambda c: c.client("n1").get("x"), "c1 at n1: get(x) → None"),
])
def test_the_log_tells_what_happened(panel, cluster, story, line):
    story(cluster)
    panel.refresh()
    assert line in log(panel)


def test_the_log_counts_what_is_too_much_to_tell(panel, cluster):
    cluster.cut("n1", "n2")
    for i in range(10):
        cluster.client("n1").start("put", "x", i)
    cluster.run(1000)
    assert log(panel)[-1] == "39 messages sent, 30 arrived, 10 lost"
    cluster.heal()
    for i in range(10):
        cluster.client("n1").put("x", i)
    assert len(panel.snapshot["log"]) == 20


def test_the_log_counts_what_is_under_way(panel, cluster):
    for name in cluster.names:
        cluster.client(name).start("put", "x", 1)
    cluster.run(3)
    assert log(panel)[-1] == "9 messages sent, 3 arrived, 9 under way"


def test_of_a_very_long_stretch_the_end_is_read(panel, cluster):
    for i in range(400):
        cluster.client("n1").start("put", "x", i)
    cluster.run(10_000)
    assert any("earlier events are in cluster.journal" in text for text in log(panel)) or len(log(panel)) == 20
    assert panel.snapshot["nodes"][0]["rows"] == [["x", "399", False]]
    assert panel.snapshot["nodes"][0]["answer"]["text"] == "put(x, 399) ✓"


@pytest.mark.parametrize("values, text, agrees", [
    ([{}, {}, {}], "The databases are empty.", None),
    ([{"x": 1}] * 3, "Every copy has x = 1.", True),
    ([{"x": 1}, {"x": 2}, {"x": 2}], "The copies differ: n1 has x = 1, n2 and n3 have x = 2.", False),
    ([{"x": 1}, {}, {}], "The copies differ: n1 has x = 1, n2 and n3 have no x.", False),
    ([{}, {"x": 1}, {"x": 1, "y": 2}], "The copies differ: n1 has no x, n2 and n3 have x = 1.", False),
    ([{"x": None}, {}, {}], "The copies differ: n1 has x = None, n2 and n3 have no x.", False),
])
def test_the_line_at_the_top_compares_the_copies(panel, cluster, monkeypatch, values, text, agrees):
    monkeypatch.setattr(cluster, "values", lambda name: values[int(name[1]) - 1])
    panel.refresh()
    assert panel.snapshot["verdict"] == {"text": text, "agrees": agrees}


def test_a_crashed_node_is_not_asked(panel, cluster):
    cluster.client("n1").put("x", 1)
    cluster.crash("n3")
    assert panel.snapshot["verdict"]["text"] == "Every copy has x = 1."
    n3 = panel.snapshot["nodes"][2]
    assert n3["rows"] == [] and "its database stays on disk" in n3["label"]
    cluster.restart("n3")
    assert panel.snapshot["nodes"][2]["rows"] == [["x", "1", False]]


def test_a_node_shows_what_there_is_room_for(panel, cluster):
    for i in range(6):
        cluster.client("n1").put(f"a long key {i}", "a long value")
    n1 = panel.snapshot["nodes"][0]
    assert len(n1["rows"]) == 3 and n1["more"] == 3
    assert all(len(k) + len(v) <= 13 for k, v, _ in n1["rows"])
    cluster["n1"].role = "leader"
    panel.refresh()
    n1 = panel.snapshot["nodes"][0]
    assert (n1["role"], len(n1["rows"]), n1["more"]) == ("leader", 2, 4)
    assert n1["label"].startswith("node n1, leader, up, holds a long key 0 = a long value, ")


@pytest.mark.parametrize("cuts, state, word", [
    ([], "none", ""),
    ([("n1", "n2")], "there", "n1 → n2 cut"),
    ([("n2", "n1")], "back", "n2 → n1 cut"),
    ([("n1", "n2"), ("n2", "n1")], "both", ""),
])
def test_a_link_says_which_way_it_is_cut(panel, cluster, cuts, state, word):
    for a, b in cuts:
        cluster.cut(a, b, one_way=True)
    panel.refresh()
    link = panel.snapshot["links"][0]
    assert (link["cut"], link["word"]) == (state, word)
    assert link["label"].startswith("link n1 to n2, 2 ms, " + ("cut" if cuts else "up"))


@pytest.mark.parametrize("fault, told", [
    (lambda c: None, "2 ms"),
    (lambda c: c.latency(uniform(1, 5)), "1–5 ms"),
    (lambda c: c.latency(uniform(1, 5), "n3"), "2 ms"),
    (lambda c: c.latency(exponential(7), "n2", "n1"), "exponential(7) ms"),
])
def test_a_link_says_how_long_it_takes(panel, cluster, fault, told):
    fault(cluster)
    panel.refresh()
    assert panel.snapshot["links"][0]["latency"] == told


def test_a_node_says_what_it_suffers_from(panel, cluster):
    cluster.slow("n1", 20)
    cluster.skew("n2", -50, rate=1.5)
    panel.refresh()
    assert [n["marks"] for n in panel.snapshot["nodes"]] == ["slow by 20 ms", "clock -50 ms ×1.5", ""]
    assert "slow by 20 ms" in panel.snapshot["nodes"][0]["label"]
    cluster.slow("n1", 0)
    cluster.skew("n2", 0)
    assert [n["marks"] for n in panel.snapshot["nodes"]] == ["", "", ""]


def test_without_a_journal_the_present_is_the_same():
    def shown(**options):
        with register(**options) as cluster:
            panel = Panel(cluster)
            cluster.cut("n1", "n2", one_way=True)
            cluster.client("n1").put("x", 1)
            cluster.crash("n3")
            return {key: panel.snapshot[key] for key in ("links", "verdict", "flying", "time")} | {
                "nodes": [n | {"answer": None} for n in panel.snapshot["nodes"]]}

    assert shown() == shown(journal=False)
