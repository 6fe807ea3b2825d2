"""The queue and counter cases that Jepsen's own tests state."""

import json

from splitbrain.checkers import judge
from splitbrain.checkers.counters import bounds
from splitbrain.checkers.queues import queue_report
from splitbrain.records import History

STATUS = {True: "ok", False: "violated"}


def cases(published, kind):
    return json.loads((published / "queue_verdicts.json").read_text())[kind]


def told(case):
    """The case as a history. Some tell a completion without its invocation: there it was invoked just before."""
    lines, running = [], set()
    for process, kind, f, value in case["history"]:
        if kind != "invoke" and process not in running:
            lines.append({"process": process, "type": "invoke", "f": f, "value": value})
        running = running | {process} if kind == "invoke" else running - {process}
        lines.append({"process": process, "type": kind, "f": f, "value": value})
    return History.from_json_lines(map(json.dumps, lines))


def test_total_queue(published):
    for case in cases(published, "total_queue"):
        report = queue_report(told(case))
        assert report.verdict.status == STATUS[case["valid"]], case["id"]
        names = {"attempt_count": "attempted", "acknowledged_count": "acknowledged", "ok_count": "delivered"}
        for name in ("lost", "unexpected", "duplicated", "recovered", *names):
            if name in case:
                ours = getattr(report, names.get(name, name))
                assert (list(ours) if isinstance(ours, tuple) else ours) == case[name], (case["id"], name)


def test_unordered_queue(published):
    for case in cases(published, "unordered_queue"):
        assert judge("unordered-queue", told(case)).status == STATUS[case["valid"]], case["id"]


def test_counter(published):
    for case in cases(published, "counter"):
        history = told(case)
        assert judge("counter", history).status == STATUS[case["valid"]], case["id"]
        ours = [[bound.low, bound.read.result, bound.high] for bound in bounds(history)]
        assert ours == case["reads"], case["id"]
        if "errors" in case:
            assert [b for b in ours if not b[0] <= b[1] <= b[2]] == case["errors"], case["id"]
