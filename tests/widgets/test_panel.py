"""The panel's Python side, driven as the page drives it: by custom messages and traits. No browser."""

import json
import os
import signal
import threading

import pytest

from splitbrain.widgets import Panel, kernel

from .registers import register


@pytest.fixture
def cluster():
    with register() as cluster:
        yield cluster


@pytest.fixture
def panel(cluster):
    panel = Panel(cluster, operations=["put(key='x', value=1)", "get(key='x')", "fail()"])
    yield panel
    panel.close()


def send(panel, **wish):
    """What the page does."""
    panel._handle_custom_msg({"wish": wish}, [])


def call(panel, node, operation, *arguments):
    send(panel, action="call", nodes=[node], operation=operation, arguments=list(arguments))


def log(panel):
    return [text for _, _, text in panel.snapshot["log"]]


def node(panel, name):
    return next(n for n in panel.snapshot["nodes"] if n["name"] == name)


def link(panel, a, b):
    return next(x for x in panel.snapshot["links"] if (x["a"], x["b"]) == (a, b))


def test_a_click_on_a_link_cuts_it_and_another_heals_it(panel, cluster):
    send(panel, action="cut", nodes=["n1", "n2"])
    assert cluster.is_cut("n1", "n2") and cluster.is_cut("n2", "n1") and not cluster.is_cut("n1", "n3")
    assert link(panel, "n1", "n2")["cut"] == "both"
    assert panel.snapshot["code"] == "cluster.cut('n1', 'n2')"
    assert log(panel) == ["cut('n1', 'n2')"]
    send(panel, action="join", nodes=["n1", "n2"])
    assert not cluster.is_cut("n1", "n2")
    assert link(panel, "n1", "n2")["cut"] == "none"
    assert panel.snapshot["code"] == "cluster.heal('n1', 'n2')"


def test_what_is_offered_for_a_thing_can_be_done_to_it(panel, cluster):
    """Every choice of every state: the page sends its wish as it stands, with the names of the thing."""
    offered = panel.setup["choices"]
    cluster.client("n1").start("put", "x", 1)
    cluster.run(3)
    into = {"up": [], "paused": ["pause"], "crashed": ["crash"], "none": [], "both": ["cut('n1', 'n2')"],
            "there": ["cut('n1', 'n2', one_way=True)"], "back": ["cut('n2', 'n1', one_way=True)"]}
    for kind, names in (("node", {"nodes": ["n1"]}), ("link", {"nodes": ["n1", "n2"]})):
        for state, choices in offered[kind].items():
            for choice in choices:
                cluster.reset()
                for act in into[state]:
                    eval(f"cluster.{act}" if "(" in act else f"cluster.{act}('n1')", {"cluster": cluster})
                done = len(cluster.schedule)
                given = {"nodes": names["nodes"][::-1]} if choice["turned"] else names
                field = choice["field"] and {choice["field"]["name"]: choice["field"]["value"]}
                send(panel, **choice["wish"], **given, **(field or {}))
                assert len(cluster.schedule) == done + 1, (state, choice, log(panel)[-1])
                assert panel.snapshot["code"] == f"cluster.{cluster.schedule[-1].fault!r}"


@pytest.mark.parametrize("action, kind", [("deliver", "receive"), ("drop", "drop"), ("repeat", None)])
def test_one_message_that_is_on_its_way(panel, cluster, action, kind):
    cluster.client("n1").start("put", "x", 1)
    cluster.run(3)
    chosen = panel.snapshot["flying"][1]
    assert (chosen["source"], chosen["target"], chosen["text"]) == ("n1", "n3", "copy(x, 1)")
    send(panel, action=action, message=chosen["id"])
    assert panel.snapshot["code"] == f"cluster.{action}('c1#0', 'n1', 'n3')"
    flying = [f["id"] for f in panel.snapshot["flying"]]
    assert flying.count(chosen["id"]) == {"deliver": 1, "drop": 0, "repeat": 2}[action]
    cluster.step()
    if kind:
        last = [e for e in cluster.journal if e.message and e.message.id == chosen["id"]][-1]
        assert (last.kind, last.time) == (kind, 3)
    cluster.run(100)
    send(panel, action=action, message=chosen["id"])
    assert log(panel)[-1] == "that message is not on its way any more"


@pytest.mark.parametrize("groups, sides", [
    ("n1 | n2 n3", [["n1"], ["n2", "n3"]]), ("n3", [["n3"], ["n1", "n2"]]), ("n1,n2 ; n3", [["n1", "n2"], ["n3"]]),
    ("n2 / n1 / n3", [["n2"], ["n1"], ["n3"]])])
def test_a_partition_by_its_groups(panel, cluster, groups, sides):
    send(panel, action="partition", groups=groups)
    assert panel.snapshot["groups"] == sides
    assert cluster.is_cut(sides[0][0], sides[1][0])
    assert {n["name"]: n["x"] for n in panel.snapshot["nodes"]}[sides[0][0]] < 340, "the first side stands at the left"
    send(panel, action="heal")
    assert panel.snapshot["groups"] == []


def test_a_client_need_not_wait(panel, cluster):
    send(panel, action="call", nodes=["n1"], operation="put", arguments=["x", "2"], wait=False)
    assert cluster.now == 0 and panel.snapshot["code"] == "cluster.client('n1').start('put', 'x', 2)"
    assert node(panel, "n1")["answer"]["status"] == "waiting" and not panel.snapshot["quiet"]
    send(panel, action="quiet")
    assert node(panel, "n1")["answer"]["status"] == "ok" and panel.snapshot["quiet"]
    assert panel.snapshot["code"] == "cluster.run_until_quiet()"


def test_what_was_done_is_one_line(panel, cluster):
    from splitbrain.explore import replay

    call(panel, "n1", "put", "x", "2")
    send(panel, action="step")
    send(panel, action="crash", nodes=["n3"], kind="power")
    send(panel, action="line")
    line = panel.snapshot["line"]
    assert line == panel.line() and "\n" not in line
    again = eval(line, {"replay": replay, "Register": type(cluster["n1"])})
    assert again.journal.to_bytes() == cluster.journal.to_bytes()
    send(panel, action="step")
    assert panel.snapshot["line"] == "", "it tells of what was done before"
    cluster["n1"].role = "chief"
    send(panel, action="line")
    assert panel.snapshot["line"] == "" and "no line repeats this run" in log(panel)[-1]


def test_a_page_that_was_just_opened_is_told_all(panel, cluster):
    said = []
    panel.send = lambda content, buffers=None: said.append(content)
    call(panel, "n1", "put", "x", "2")
    cluster.run(10)
    panel._handle_custom_msg({"reel": "whole"}, [])
    (content,) = said
    assert (content["news"]["from"], content["news"]["until"]) == (0, len(cluster.journal))
    assert content["news"]["run"] == panel.snapshot["run"] and panel.snapshot["wishes"] == 1


def test_put_and_get_run_until_the_answer(panel, cluster):
    call(panel, "n1", "put", "x", "2")
    assert cluster["n1"].values() == {"x": 2}
    assert node(panel, "n1")["answer"] == {"client": "c1", "text": "put(x, 2) ✓", "status": "ok"}
    call(panel, "n1", "get", "x")
    assert node(panel, "n1")["answer"]["text"] == "get(x) → 2"
    assert panel.snapshot["code"] == "cluster.client('n1').get('x')"
    assert str(cluster.history[-1]) == "c1: get(x) -> 2"


def test_time_controls(panel, cluster):
    call(panel, "n1", "put", "x", "1")
    send(panel, action="run", ms=50)
    assert cluster.now == panel.snapshot["time"] == 54
    assert panel.snapshot["verdict"] == {"text": "Every copy has x = 1.", "agrees": True}
    send(panel, action="cut", nodes=["n1", "n2"])
    send(panel, action="heal")
    assert not cluster.is_cut("n1", "n2")
    send(panel, action="reset")
    assert (cluster.now, len(cluster.history), panel.snapshot["time"]) == (0, 0, 0)
    assert node(panel, "n1")["answer"] is None
    call(panel, "n1", "put", "x", "3")
    assert cluster["n1"].values() == {"x": 3}, "the panel still drives the learner's own cluster"


def test_a_step_says_what_happened(panel, cluster):
    cluster.client("n1").start("put", "x", 1)
    assert log(panel) == ["c1 asks n1: put(x, 1)"]
    send(panel, action="step")
    assert log(panel)[1:] == ["n1 receives put(x, 1) from c1", "n1 sends copy(x, 1) to n2",
                              "n1 sends copy(x, 1) to n3", "n1 sends put -> None to c1"]
    cluster.run(1000)
    send(panel, action="step")
    assert log(panel)[-1] in ("nothing is left to happen", "a node does something inside")


def test_what_code_does_shows_at_once(panel, cluster):
    cluster.cut("n1", "n3", one_way=True)
    cluster.client("n2").put("x", 5)
    cluster.crash("n3")
    assert link(panel, "n1", "n3")["cut"] == "there"
    assert node(panel, "n2")["rows"] == [["x", "5", False]]
    assert node(panel, "n3")["state"] == "crashed"
    assert panel.snapshot["wishes"] == 0


@pytest.mark.parametrize("operation, arguments, line, status", [
    ("put", ["x", "never"], "c1 at n1: put(x, never): not this value; it did not happen", "fail"),
    ("fail", [], "c1 at n1: fail(): n1.fail, line", "unknown"),
])
def test_what_goes_wrong_in_an_operation_is_a_line_in_the_log(panel, operation, arguments, line, status):
    call(panel, "n1", operation, *arguments)
    assert log(panel)[-1].startswith(line)
    assert len(log(panel)) == 1, "it is said once"
    assert node(panel, "n1")["answer"]["status"] == status


def test_no_answer_is_said_with_what_is_known(panel, cluster):
    cluster.crash("n1")
    call(panel, "n1", "put", "x", "1")
    assert "no answer within 1000 ms" in log(panel)[-1] and log(panel)[-1].count("nobody knows") == 1
    assert node(panel, "n1")["answer"] == {"client": "c1", "text": "put(x, 1) → nobody knows", "status": "unknown"}


def test_the_same_without_a_journal(cluster):
    with register(journal=False) as quiet:
        panel = Panel(quiet)
        call(panel, "n1", "put", "x", "1")
        assert node(panel, "n1")["rows"] == [["x", "1", False]]
        quiet.crash("n1")
        call(panel, "n1", "put", "x", "1")
        assert "no answer within 1000 ms" in log(panel)[-1]


@pytest.mark.parametrize("wish, why", [
    ({}, "no action None"),
    ({"action": ["cut"]}, "no action ['cut']"),
    ({"action": "close"}, "no action 'close'"),
    ({"action": "cut", "nodes": ["n1", "n9"]}, "cut is for 2 of n1, n2, n3"),
    ({"action": "cut", "nodes": ["n1", ["n2"]]}, "cut is for 2 of n1, n2, n3"),
    ({"action": "join", "nodes": ["n1", "n2"]}, "the link n1 to n2 is not cut"),
    ({"action": "restart", "nodes": ["n1"]}, "n1 is up: nothing to restart"),
    ({"action": "call", "nodes": ["n1"], "operation": "close", "arguments": []}, "the clients of this panel have put"),
    ({"action": "call", "nodes": ["n1"], "operation": "put", "arguments": ["x", " "]}, "put needs a value"),
    ({"action": "run", "ms": None}, "run wants a number"),
    ({"action": "run", "ms": -3}, "run wants a number"),
    ({"action": "run", "ms": 10**9}, "run wants a number"),
    ({"action": "slow", "nodes": ["n1"], "ms": -1}, "slow wants a number"),
    ({"action": "skew", "nodes": ["n1"], "ms": "soon"}, "skew wants a number"),
    ({"action": "partition", "groups": "n1 n9"}, "name the sides of a partition like 'n1 n2 | n3'"),
    ({"action": "partition", "groups": "n1 n2 n3"}, "name the sides of a partition"),
    ({"action": "partition", "groups": "n1 | n1"}, "each node once"),
    ({"action": "partition", "groups": None}, "name the sides of a partition"),
    ({"action": "drop", "message": 99}, "not on its way any more"),
    ({"action": "scenario", "name": "sabotage"}, "there is no scenario 'sabotage'"),
])
def test_a_wish_that_cannot_be_is_a_line_in_the_log_and_nothing_else(panel, cluster, wish, why):
    panel._handle_custom_msg({"wish": wish}, [])
    assert why in log(panel)[-1]
    assert cluster.schedule == [] and cluster.now == 0
    assert panel.snapshot["wishes"] == 1


@pytest.mark.parametrize("content", [None, 3, "cut", {}, {"wish": None}, {"wish": "cut"}, []])
def test_a_message_that_is_no_wish_does_no_harm(panel, cluster, content):
    panel._handle_custom_msg(content, [])
    assert "no action" in log(panel)[-1]
    assert cluster.schedule == []


class Loop:
    """Stands for the kernel's loop: does what it is given when the cell has ended."""

    def __init__(self):
        self.given = []

    def add_callback(self, work):
        self.given.append(work)

    def cell_ends(self):
        given, self.given = self.given, []
        for work in given:
            work()


def test_a_wish_from_another_thread_waits_for_the_main_thread(panel, cluster, monkeypatch):
    loop = Loop()
    monkeypatch.setattr(kernel, "_kernel_loop", lambda: loop)
    clicks = threading.Thread(target=lambda: [send(panel, action="cut", nodes=["n1", "n2"]),
                                              call(panel, "n1", "put", "x", "1"),
                                              send(panel, action="crash", nodes=["n3"])])
    clicks.start()
    clicks.join()
    assert cluster.schedule == [] and panel.snapshot["wishes"] == 0
    loop.cell_ends()
    assert [repr(at.fault) for at in cluster.schedule] == ["cut('n1', 'n2')", "crash('n3')"]
    assert panel.snapshot["wishes"] == 3


def test_a_wish_while_the_simulation_runs_waits_for_its_end(cluster):
    """As when a verdict or a handler turns the crank: the wish is neither lost nor carried out in the middle."""
    panel = Panel(cluster)
    seen = []

    def meddle():
        if not seen:
            seen.append(cluster.now)
            send(panel, action="crash", nodes=["n2"])

    cluster.watchers.insert(0, meddle)
    call(panel, "n1", "put", "x", "1")
    assert seen and cluster.state("n2") == "crashed"
    assert panel.snapshot["wishes"] == 2


def test_interrupting_the_kernel_stops_a_wish_and_is_told(panel, cluster):
    """Between two cells a kernel ignores SIGINT; a wish that is carried out there must still be stoppable."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    cluster.watchers.append(lambda: cluster.watchers.pop() and os.kill(os.getpid(), signal.SIGINT))
    try:
        send(panel, action="run", ms=10)
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
    assert log(panel)[-1] == "cluster.run(10): interrupted"
    send(panel, action="step")
    assert panel.snapshot["wishes"] == 2


def test_a_loop_of_calls_in_one_cell_does_not_send_a_picture_each(panel, cluster, monkeypatch):
    loop = Loop()
    monkeypatch.setattr(kernel, "_kernel_loop", lambda: loop)
    drawn = []
    panel.observe(lambda change: drawn.append(change), "snapshot")
    for i in range(200):
        cluster.client("n1").put("x", i)
    assert len(drawn) < 100
    assert "Every copy has" in repr(panel) or "n1 has x = 199" in repr(panel), "what is shown now is not late"
    loop.cell_ends()
    assert node(panel, "n1")["rows"][0][:2] == ["x", "199"]


def test_other_operations(cluster):
    panel = Panel(cluster, operations=["copy(key, value=[1])"], variable="c")
    assert panel.setup["operations"] == [{"name": "copy", "fields": [["key", ""], ["value", "[1]"]]}]
    call(panel, "n2", "copy", "k", "[1, 2]")
    assert panel.snapshot["code"] == "c.client('n2').copy('k', [1, 2])"
    with pytest.raises(ValueError, match="written like"):
        Panel(cluster, operations=["copy("])


def test_a_verdict_of_the_lessons_own(cluster):
    from splitbrain import Verdict

    panel = Panel(cluster, verdict=lambda c: Verdict("violated", f"{len(c.history)} operations"))
    assert panel.snapshot["verdict"] == {"text": "violated: 0 operations", "agrees": False}
    cluster.partition("n1", "n2 n3")
    cluster.client("n1").put("y", 1)
    rows = [[row[2] for node in Panel(cluster, **own).snapshot["nodes"] for row in node["rows"]]
            for own in ({}, {"verdict": lambda c: "they need not be copies"})]
    assert any(rows[0]) and rows[1] and not any(rows[1])
    broken = Panel(cluster, verdict=lambda c: 1 / 0)
    assert "ZeroDivisionError" in broken.snapshot["verdict"]["text"]


def test_traits_are_plain_data_and_do_not_grow_with_the_run(panel, cluster):
    sizes = []
    for i in range(200):
        cluster.client(f"n{i % 3 + 1}").put("x", i % 10)
        cluster.run(20)
        sizes.append(len(json.dumps(panel.snapshot)))
    assert json.loads(json.dumps(panel.snapshot)) == panel.snapshot
    assert max(sizes[100:]) < 1.1 * max(sizes[20:100])


def test_the_same_run_gives_the_same_snapshot():
    def story():
        with register() as cluster:
            panel = Panel(cluster)
            call(panel, "n1", "put", "x", "1")
            send(panel, action="cut", nodes=["n1", "n2"])
            call(panel, "n3", "put", "x", "2")
            return panel.snapshot, repr(panel)

    assert story() == story()


def test_its_repr_is_its_text(panel, cluster):
    cluster.cut("n1", "n2")
    cluster.crash("n3")
    assert repr(panel) == "Panel at 0.0 ms: n1 up; n2 up; n3 crashed; n1 - n2 cut. The databases are empty."


def test_a_stored_notebook_keeps_a_still_picture(panel, cluster):
    def shown():
        data, _ = panel._repr_mimebundle_()
        return data

    cluster.cut("n1", "n2")
    data = shown()
    assert set(data) == {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"}
    assert "Cut: n1 and n2." in data["text/html"] and "Run this cell" in data["text/html"]
    assert data == shown()
    with register() as same:
        again = Panel(same)
        same.cut("n1", "n2")
        other, _ = again._repr_mimebundle_()
        assert {k: other[k] for k in ("text/html", "text/plain")} == {k: data[k] for k in ("text/html", "text/plain")}


def test_a_values_method_that_raises_is_shown_and_stops_nothing(cluster):
    type(cluster["n1"]).values = lambda node: 1 / 0
    try:
        panel = Panel(cluster)
        assert node(panel, "n1")["rows"][0][:2] == ["raises", "ZeroD…"]
        assert panel.snapshot["verdict"]["text"] == "no verdict: ZeroDivisionError: division by zero"
        assert "text/html" not in panel._repr_mimebundle_()[0]
    finally:
        del type(cluster["n1"]).values


def test_a_closed_panel_no_longer_watches(cluster):
    panel = Panel(cluster)
    panel.close()
    cluster.run(10)
    assert cluster.watchers == []
    panel.close()
