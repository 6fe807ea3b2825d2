"""Each scenario shows what its name promises, the same each time, and is one line."""

import pytest

from splitbrain.explore import replay, replay_line
from splitbrain.widgets import SCENARIOS, Panel, scenario

from .registers import register


def told(run, f):
    return [(o.process, o.result if f == "get" else o.value, o.status) for o in run.history.where(f=f)]


def held(run):
    return {name: run.cluster.values(name) for name in run.cluster.names if run.cluster.state(name) != "crashed"}


def test_split_brain():
    run = scenario("split brain").run()
    roles = [(e.node, e.detail["role"]) for e in run.journal.of("role")]
    assert ("n1", "primary") in roles and ("n2", "primary") in roles
    assert told(run, "put")[1:] == [("c1", 2, "ok"), ("c2", 3, "ok")], "both were acknowledged"
    assert held(run) == {"n1": {"x": 2}, "n2": {"x": 3}, "n3": {"x": 3}}, "and they go on differing after the heal"
    assert run.verdict.status == "violated"


def test_lost_acknowledged_write():
    run = scenario("lost acknowledged write").run()
    assert told(run, "put")[-1] == ("c1", 2, "ok")
    assert told(run, "get") == [("c2", 1, "ok"), ("c3", 1, "ok")] and held(run) == {"n2": {"x": 1}, "n3": {"x": 1}}
    assert run.verdict.status == "violated"


def test_stale_read():
    run = scenario("stale read").run()
    assert told(run, "get") == [("c2", 2, "ok"), ("c3", 1, "ok")]
    put, read = run.history.where(f="put")[-1], run.history[-1]
    assert put.end < read.start, "the write was over before the read began"
    assert run.verdict.status == "violated"


def test_in_doubt_transaction():
    run = scenario("in-doubt transaction").run()
    assert held(run) == dict.fromkeys(("n2", "n3"), {"x": 1, "x voted": 2})
    assert told(run, "put") == [("c1", 1, "ok"), ("c1", 2, "unknown")]
    assert [status for *_, status in told(run, "get")] == ["fail", "fail"]
    assert run.cluster.state("n1") == "crashed" and run.verdict.status == "violated"


def test_healed_divergence():
    run = scenario("healed divergence").run()
    assert told(run, "put")[1:] == [("c1", 2, "ok"), ("c3", 3, "ok")]
    assert held(run) == dict.fromkeys(("n1", "n2", "n3"), {"x": 3}), "they agree, and a write is gone"
    assert told(run, "get") == [("c1", 2, "ok"), ("c1", 3, "ok")] and run.verdict.status == "violated"


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_is_the_same_each_time_and_one_line(name):
    first = scenario(name).run()
    assert scenario(name).run().journal.to_bytes() == first.journal.to_bytes()
    again = eval(replay_line(scenario(name).experiment()), {"replay": replay})
    assert again.journal.to_bytes() == first.journal.to_bytes()


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_panel_turns_to_a_scenario_and_back(name):
    with register(nodes=2) as cluster:
        panel, news = Panel(cluster), []
        panel.observe(lambda change: news.append(change.new), "news")
        cluster.client("n1").put("x", 1)
        panel.wish({"action": "scenario", "name": name})
        run = scenario(name).run()
        assert panel.cluster.journal.to_bytes() == run.journal.to_bytes()
        assert panel.setup["scenario"]["name"] == name and panel.setup["names"] == ["n1", "n2", "n3"]
        assert panel.snapshot["outcome"]["verdict"] == {"status": "violated", "text": run.verdict.explanation}
        assert [one["until"] for one in news if one["whole"]] == [len(run.journal)]
        assert panel.snapshot["code"] == f"panel.play({name!r}); cluster = panel.cluster"
        panel.wish({"action": "run", "ms": 5})
        assert panel.cluster.now == run.cluster.now + 5, "it can be driven further"
        assert eval(panel.line(), {"replay": replay}).journal.to_bytes() == panel.cluster.journal.to_bytes()
        panel.play(None)
        assert panel.cluster is cluster and panel.setup["scenario"] is None and len(panel.snapshot["nodes"]) == 2
        cluster.crash("n2")
        assert panel.snapshot["nodes"][1]["state"] == "crashed", "it watches its own cluster again"


def test_names_are_told_to_who_asks_for_another():
    with pytest.raises(ValueError, match="there is no scenario 'sabotage'; there are split brain, lost acknowledged"):
        scenario("sabotage")
