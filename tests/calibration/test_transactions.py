"""The transaction histories that Elle is tested with: its anomalies, and the models that they rule out."""

import json

import pytest

from splitbrain.checkers import dependencies, judge, transactions
from splitbrain.records import History, Operation

# Where ours is another answer than the published one, and docs/calibration.md says why.
DIFFERENT = {("G1a", "read-uncommitted"): "ok"}
# What we find beside what the published case lists, which was asked for some kinds only.
BESIDE = {"dirty-update": {"G1a"}, "internal": {"G0", "G1c"}}


def micro_operations(text, workload):
    """``ax1ry12``: append 1 to x, read y = [1, 2]; ``wx1ry_``: write x = 1, read y = null."""
    found = []
    for letter in text:
        if letter in "arw":
            found.append([{"a": "append"}.get(letter, letter)])
        elif letter.isalpha():
            found[-1].append(letter)
        else:
            found[-1].append(None if letter == "_" else int(letter))
    for mop in found:
        if mop[0] == "r":
            mop[2:] = [mop[2:] or None] if workload == "list-append" else [mop[2] if len(mop) > 2 else None]
    return found


def history_of(case, workload):
    count, in_order = len(case["txns"]), case.get("order") == "sequential"
    operations = []
    for i, txn in enumerate(case["txns"]):
        _, kind, text = txn if isinstance(txn, list) else (0, "ok", txn)
        status = "unknown" if kind == "info" else kind
        told = micro_operations(text, workload)
        asked = [[f, key, None if f == "r" else value] for f, key, value in told]
        start, end = (2 * i, 2 * i + 1) if in_order else (i, count + i)
        operations.append(Operation(i, "txn", None, asked, told if status == "ok" else None, status, start, end, start,
                                    None if status == "unknown" else end, i))
    return History(operations)


def cases(published):
    data = json.loads((published / "elle" / "transactions.json").read_text())
    for workload in ("list-append", "rw-register"):
        for case in data[workload.replace("-", "_")]:
            yield workload, case, history_of(case, workload)


def test_anomalies_and_excluded_models(published):
    judged = 0
    for workload, case, history in cases(published):
        verdict = judge(workload, history)
        if "anomalies" in case:
            assert verdict.status == "violated", case["id"]
            assert set(verdict.anomalies) == set(case["anomalies"]) | BESIDE.get(case["id"], set()), case["id"]
            judged += 1
        if "not" in case:
            assert sorted(verdict.excluded) == sorted(case["not"]), case["id"]
    assert judged == 13


def test_under_every_model_that_was_asked_for(published):
    asked = 0
    for workload, case, history in cases(published):
        for wanted, valid in case.get("valid_under", {}).items():
            named = wanted.removeprefix("anomalies:")
            how = {"anomalies": [named]} if named != wanted else {"model": wanted}
            status = DIFFERENT.get((case["id"], wanted), {True: "ok", False: "violated"}.get(valid, valid))
            verdict = transactions(history, workload=workload, **how)
            assert verdict.status == status, f"{case['id']} under {wanted}: {verdict}"
            asked += 1
    assert asked == 26


def test_edges(published):
    kinds, checked = ("ww", "wr", "rw"), 0
    for workload, case, history in cases(published):
        found = {(a, b) for a, b, kind in dependencies(history, workload=workload).edges(keys=True) if kind in kinds}
        if "edges_only" in case:
            assert {f"t{a}->t{b}" for a, b in found} == set(case["edges_only"])
            checked += 1
        if case["id"] == "G-single":
            graph = dependencies(history)
            assert graph.has_edge(1, 0, "rw") and graph.has_edge(0, 1, "ww")
            checked += 1
    assert checked == 2


@pytest.mark.parametrize("wrong", [dict(model="readable"), dict(anomalies=["G7"]), dict(workload="queue")])
def test_a_question_that_nobody_can_answer(wrong):
    with pytest.raises(ValueError, match="there is no .*; there are "):
        transactions([], **wrong)
