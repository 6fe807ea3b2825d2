"""What has come of a run, as the panel says it while it goes on."""

from splitbrain import History, Verdict
from splitbrain.widgets import Panel, outcomes
from splitbrain.widgets.outcomes import MOST

from .registers import register


def told(cluster, check="linearizability"):
    found = outcomes.outcomes(cluster, check)
    return dict(map(tuple, found["told"])), found["verdict"], found["witness"]


def test_before_anything_was_asked_there_is_nothing_to_say():
    with register() as cluster:
        words, verdict, witness = told(cluster)
        assert list(words) == ["cost"] and verdict is None and witness == {"operations": [], "events": []}


def test_what_was_answered_how_fast_and_at_what_cost():
    with register() as cluster:
        cluster.client("n1").put("x", 1)
        cluster.client("n2").start("get", "x")
        words, verdict, _ = told(cluster)
        assert words["answered"] == "1 of 2 (1 waiting)" and words["latency"] == "4.0 ms"
        assert words["cost"] == "5 messages, 2 delays for the longest answer, 3 forced writes"
        assert verdict["status"] == "ok"
        cluster.crash("n2")
        cluster.run(2000)
        assert told(cluster)[0]["answered"] == "1 of 2 (1 without an answer)"


def test_the_witness_is_marked_as_soon_as_there_is_one():
    with register() as cluster:
        panel = Panel(cluster)
        cluster.cut("n1", "n2")
        cluster.client("n1").put("x", 1)
        assert panel.snapshot["outcome"]["verdict"]["status"] == "ok"
        cluster.client("n2").get("x")
        outcome = panel.snapshot["outcome"]
        assert outcome["verdict"]["status"] == "violated"
        assert outcome["witness"]["operations"] == ["c1#0", "c2#0"]
        assert dict(map(tuple, outcome["told"]))["staleness"] == "1 read behind, by 1 version and 0.0 ms at most"
        assert {e.detail["operation"] for e in cluster.journal.of("invoke")} == set(outcome["witness"]["operations"])


def test_a_history_of_another_kind_is_not_judged_and_a_long_one_not_at_every_step(monkeypatch):
    with register() as cluster:
        cluster.client("n1").start("fail")
        assert told(cluster)[1] is None
    with register(journal=False) as cluster:
        monkeypatch.setattr(outcomes, "MOST", 3)
        for i in range(4):
            cluster.client("n1").put("x", i)
        assert told(cluster)[1]["status"] == "unknown" and "too many to judge" in told(cluster)[1]["text"]
        assert told(cluster)[0]["answered"] == "3 of the last 3" and "staleness" not in told(cluster)[0]
        assert MOST > 100


def test_a_checker_of_the_lessons_own_and_none():
    def never(history: History) -> Verdict:
        return Verdict("violated", f"{len(history)} asked")

    with register() as cluster:
        cluster.client("n1").put("x", 1)
        assert told(cluster, never)[1] == {"status": "violated", "text": "1 asked"}
        assert told(cluster, "read-your-writes")[1]["status"] == "ok"
        assert told(cluster, None)[1] is None
