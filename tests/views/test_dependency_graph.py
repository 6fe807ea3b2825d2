import random

import pytest

from splitbrain.checkers import linearizability, transactions
from splitbrain.records import History, Operation, Verdict, Witness
from splitbrain.views import dependency_graph
from splitbrain.views.cycle_layout import set_out
from splitbrain.views.dependency_graph import LOOKS

from .journals import look_of


def ran(*txns, one_after_the_other=False, status=("ok",)):
    """Transactions told as ``[["r", "x", [1]], ["append", "y", 2]]``, all at once, by clients of their own."""
    count = len(txns)
    return History(
        Operation(f"c{i + 1}", "txn", None, mops, mops, status[min(i, len(status) - 1)], i, count + i,
                  2 * i if one_after_the_other else i, 2 * i + 1 if one_after_the_other else count + i, i)
        for i, mops in enumerate(txns))


def read_skew():
    return transactions(ran([["append", "x", 1], ["append", "y", 1]], [["append", "x", 2], ["r", "y", None]],
                            [["r", "x", [1, 2]]]))


def ring(count):
    """Each appended to a list that the next one read, and the last to what the first read: a cycle of `count`."""
    return transactions(ran(*([["append", f"k{i}", 1], ["r", f"k{(i - 1) % count}", [1]]] for i in range(count))))


def test_the_words_say_what_the_picture_shows():
    assert dependency_graph(read_skew()).alt.splitlines() == [
        "Dependency graph: G-single-item, so not consistent-view nor repeatable-read. Transactions: 3.",
        "T0  c1: append 1 to x; append 1 to y. T1  c2: append 2 to x; read y = nothing. T2  c3: read x = [1, 2].",
        "1. T0 to T1 (ww): T0 appended 1 to x before T1 appended 2, because T2 read x = [1, 2].",
        "2. T1 to T0 (rw): T1 read y before T0 appended 1 to it, because T1 read y = [].",
    ]


def test_the_table_has_transactions_and_edges():
    table = dependency_graph(read_skew()).table
    assert table[1] == {"transaction": "T1", "process": "c2", "status": "ok",
                        "did": "append 2 to x; read y = nothing"}
    assert table[-1] == {"transaction": "edge 2", "from": "T1", "to": "T0", "kind": "rw",
                         "because": "T1 read y before T0 appended 1 to it, because T1 read y = []"}


def test_kinds_differ_by_dash_and_word_as_well_as_colour(assert_tidy):
    assert len({look.dash for look in LOOKS.values()}) == len({look.colour for look in LOOKS.values()}) == len(LOOKS)
    picture = dependency_graph(read_skew())
    assert "stroke-dasharray" not in look_of(picture.svg, "sb-edge-0-1-ww")
    assert "stroke-dasharray" in look_of(picture.svg, "sb-edge-1-0-rw")
    assert_tidy()


def test_a_transaction_that_only_shows_the_order_stands_apart():
    picture = dependency_graph(read_skew())
    assert "stroke-dasharray" in look_of(picture.svg, "sb-transaction-2")
    assert "stroke-dasharray" not in look_of(picture.svg, "sb-transaction-0")


def test_real_time_and_process(assert_tidy):
    late = ran([["append", "x", 1]], [["append", "x", 2]], [["r", "x", [1]]], [["r", "x", [1, 2]]],
               one_after_the_other=True)
    assert "T1 to T2 (realtime): T1 was over before T2 began." in dependency_graph(transactions(late)).alt
    one = History(Operation("c1", o.f, None, o.value, o.result, "ok", o.invoked, o.returned, o.start, o.end, o.index)
                  for o in late)
    assert "(process): T1 was over before T2 began, both of c1." in dependency_graph(transactions(one)).alt
    assert_tidy()


def test_what_failed_and_what_nobody_knows(assert_tidy):
    aborted = dependency_graph(transactions(ran([["append", "x", 1]], [["r", "x", [1]]], status=("fail", "ok"))))
    assert "T0  c1  ✗ failed: append 1 to x." in aborted.alt
    assert "stroke-dasharray" in look_of(aborted.svg, "sb-transaction-0")
    doubtful = Operation("c1", "txn", None, [["append", "x", 1], ["r", "y", None]], None, "unknown", index=4)
    assert "T4  c1  ? outcome unknown: append 1 to x; read y, unknown what." in dependency_graph(
        Witness((doubtful,))).alt
    assert_tidy()


def test_an_anomaly_without_edges_is_told_below(assert_tidy):
    lost = transactions(ran([["append", "x", 0]], [["r", "x", [0]], ["append", "x", 1]],
                            [["r", "x", [0]], ["append", "x", 2]]))
    picture = dependency_graph(lost)
    assert "lost-update" in picture.alt and 'id="sb-transaction-2"' in picture.svg and "sb-edge" not in picture.svg
    assert_tidy()


@pytest.mark.parametrize("count", [2, 3, 4, 5, 6, 8, 12])
def test_long_cycles_stay_tidy(count, assert_tidy):
    verdict = ring(count)
    assert len(verdict.witness.edges) == count
    picture = dependency_graph(verdict, title="Round and round")
    assert picture.svg.count('id="sb-edge-') == count
    assert_tidy()


def test_long_lists_and_many_micro_operations_are_cut(assert_tidy):
    many = [["append", f"a key with a long name, number {i}", f"value {i}"] for i in range(20)]
    full = list(range(100))
    picture = dependency_graph(Witness((Operation("c1", "txn", result=[*many, ["r", "x", full]], index=0),
                                        Operation("c2", "txn", result=[["r", "x", full]], index=1)),
                                       edges=((0, 1, "wr: a reason that is long " + "and longer " * 30),)))
    assert "and 14 more" in picture.alt and "read x = [0, …, 97, 98, 99]" in picture.alt
    assert_tidy()


def test_boxes_never_meet():
    draw = random.Random(5).random
    for count in range(1, 12):
        sizes = {i: (60 + 240 * draw(), 40 + 130 * draw()) for i in range(count + 3)}
        boxes = list(set_out(sizes, range(count), range(count, count + 3), 500).values())
        assert all(box.left >= -0.01 and box.top >= -0.01 for box in boxes)
        assert not any(a.meets(b, 20) for i, a in enumerate(boxes) for b in boxes[:i])


def test_any_witness_with_edges_can_be_drawn(assert_tidy):
    put = Operation("c1", "put", "x", 1, start=0, end=1)
    get = Operation("c2", "get", "x", result=None, start=2, end=3, index=1)
    picture = dependency_graph(linearizability([put, get]))
    assert "#0 to #1: was over before it began." in picture.alt and "put(x, 1)" in picture.alt
    assert_tidy()


def test_the_same_verdict_gives_the_same_bytes():
    assert dependency_graph(read_skew()).svg == dependency_graph(read_skew()).svg


def test_a_run_and_its_verdict_give_the_same_picture():
    class Run:
        verdict = read_skew()

    assert dependency_graph(Run()) == dependency_graph(Run.verdict)
    assert dependency_graph(Run.verdict.witness).alt.startswith("Dependency graph. Transactions: 3.")


def test_nothing_to_draw():
    with pytest.raises(ValueError, match="the verdict has no witness"):
        dependency_graph(Verdict("ok", "fine"))
    with pytest.raises(TypeError, match="a dependency graph needs a verdict, a witness or a run, not list"):
        dependency_graph([1])
