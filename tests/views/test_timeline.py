import itertools
import random
import re

import pytest

from splitbrain.records import History, Operation, Verdict, Witness
from splitbrain.views import style, timeline
from splitbrain.views.staves import moments_of, set_out

from .journals import every_outcome, look_of, split_brain, split_brain_history


class Run:
    """What a view knows of a run."""

    def __init__(self, history, journal, verdict=None):
        self.history, self.journal, self.verdict = history, journal, verdict


def test_the_words_say_what_the_picture_shows():
    assert timeline(every_outcome()).alt.splitlines() == [
        "Timeline of 6 operations by c1, c2, c3: 3 ok, 1 failed, 2 unknown.",
        "c1 put(x, 1) was told ok, 0 to 10 ms; c2 put(x, 2) unknown: no answer within 26 ms, 4 to 30 ms; "
        "c3 get(x) was told 1, 5 to 15 ms; c1 cas(x, [1, 3]) failed: x is 2, 16 to 22 ms; "
        "c2 get(x) was told 2, 35 to 44 ms; c1 put(x, 9) unknown: no answer, 45 ms on.",
    ]


def test_the_table_has_every_operation():
    table = timeline(every_outcome()).table
    assert table[3] == {"operation": 3, "process": "c1", "asked": "cas(x, [1, 3])", "outcome": "fail", "told": "x is 2",
                        "from (ms)": 16, "to (ms)": 22}
    assert table[5]["to (ms)"] is None and len(table) == 6


def test_outcomes_differ_in_more_than_colour(assert_tidy):
    svg = timeline(every_outcome()).svg
    looks = {look_of(svg, f"sb-operation-{i}") for i in (0, 1, 3)}
    assert len(looks) == 3
    assert svg.count('id="sb-failed"') == 1
    assert svg.count('id="sb-open-end"') == 2
    assert_tidy()


def test_the_witness_and_its_order_are_marked(assert_tidy):
    history = split_brain_history()
    witness = Witness(tuple(history), edges=((0, 1, "was over before it began"),))
    picture = timeline(Run(history, split_brain(), Verdict("violated", "stale", witness=witness)))
    assert style.VERMILLION.lower() in look_of(picture.svg, "sb-witness-1")
    assert 'id="sb-window-partition"' in picture.svg
    assert picture.alt.splitlines()[-3:] == [
        "Faults: partition('n1 n2', 'n3') from 0 to 30 ms.",
        "The verdict's witness: c1 put(x, 2) was told ok, 1 to 9 ms; c2 get(x) was told 1, 20 to 24 ms.",
        "Its order: c1 put(x, 2) before c2 get(x): was over before it began.",
    ]
    assert [row["witness"] for row in picture.table] == ["yes", "yes"]
    assert "witness" not in timeline(history).svg
    assert_tidy()


def concurrent(operations: int, processes: int, seed: int = 1) -> History:
    dice = random.Random(seed)
    free, clock, running, found, position = list(range(processes)), 0.0, {}, [], 0
    while len(found) < operations or running:
        clock += dice.random() * 8
        if free and len(found) < operations and (not running or dice.random() < 0.5):
            process = free.pop(dice.randrange(len(free)))
            running[process] = len(found)
            found.append({"process": f"c{process}", "f": dice.choice(["put", "get"]), "key": "x", "value": len(found),
                          "invoked": clock, "start": position, "index": len(found)})
        else:
            process = dice.choice(list(running))
            entry = found[running.pop(process)]
            status = dice.choice(["ok", "ok", "fail", "unknown"])
            end = None if status == "unknown" else position
            entry |= {"status": status, "returned": clock, "end": end, "result": 7}
            free.append(process)
        position += 1
    return History(Operation(**entry) for entry in found)


@pytest.mark.parametrize(("operations", "processes"), [(8, 2), (20, 3), (60, 5), (40, 10)])
@pytest.mark.parametrize("seed", [1, 2])
def test_words_stay_apart_and_lines_break(operations, processes, seed, assert_tidy):
    picture = timeline(concurrent(operations, processes, seed))
    assert_tidy()
    assert len(picture.svg) < 130_000


@pytest.mark.parametrize("seed", range(5))
def test_what_overlaps_in_the_history_overlaps_in_the_picture(seed):
    history = concurrent(30, 4, seed)
    words = {o.index: ("put(x, 1)", "ok") for o in history}
    (stave,) = set_out(history, words, 60, 1e6)
    place = {p.operation.index: (p.left, p.right) for p in stave.pieces}
    for a, b in itertools.permutations(history, 2):
        if a.end is not None:
            before = a.end < b.start
            assert before == (place[a.index][1] <= place[b.index][0]), (a, b)
    assert sorted(place) == [o.index for o in history]


def test_giving_up_comes_before_the_next_question_of_the_same_process():
    order = [(m.begins, m.operation.index) for m in moments_of(every_outcome())]
    assert order.index((False, 1)) < order.index((True, 4))
    assert len(order) == 11  # the last was never given up


def test_the_open_end_of_an_unknown_operation_has_room():
    history = History([Operation("c1", "put", "x", 1, status="unknown", invoked=0, returned=9, start=0, index=0),
                       Operation("c1", "get", "x", invoked=9, returned=12, start=1, end=2, index=1)])
    (stave,) = set_out(history, {0: ("put", "?"), 1: ("get", "ok")}, 60, 900)
    assert stave.pieces[0].right + 24 <= stave.pieces[1].left


def test_what_is_left_out_is_said_and_the_witness_is_never():
    history = concurrent(200, 4)
    picture = timeline(history, limit=20)
    assert "Left out: 180 of 200 operations" in picture.alt and "180 of 200" in picture.caption
    assert len(picture.table) == 20
    picture = timeline(history, limit=20, witness=Witness((history[150], history[155])))
    assert [r["operation"] for r in picture.table if r["witness"]] == [150, 155]


def test_a_history_without_times_is_drawn_in_its_order(assert_tidy):
    lines = ['{"process": 0, "type": "invoke", "f": "write", "value": 1}',
             '{"process": 1, "type": "invoke", "f": "read"}',
             '{"process": 1, "type": "ok", "f": "read", "value": 1}',
             '{"process": 0, "type": "info", "f": "write", "value": 1}']
    picture = timeline(History.from_json_lines(lines))
    assert "0 write(1) unknown: no answer, 0 to 3" in picture.alt
    assert_tidy()


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match="no client has asked for anything yet"):
        timeline(History())
    with pytest.raises(TypeError, match="needs a run, a cluster or a History, not str"):
        timeline("history")
    with pytest.raises(TypeError, match="needs a run, a cluster or a History, not list"):
        timeline([1])
    with pytest.raises(ValueError, match="at least one operation"):
        timeline(every_outcome(), limit=0)


POINTED = History.from_sketch("""
c1  [put x=1 ]        [put x=2 ------]
c2             [get x --> 1]   [get x -> 3]
c3                      [put x=3 ?      [get x -> 2]
""")


def place_of(svg, index):
    """Where the point of an operation is drawn, from left to right."""
    path = re.search(rf'id="sb-point-{index}">\s*<path d="M ?([\d.]+)', svg)
    return float(path[1])


def test_points_are_numbered_in_their_order(assert_tidy):
    points = {0: 0.5, 1: 2.5, 2: 4.5, 5: 8.3, 3: 8.6, 4: 8.9}
    picture = timeline(POINTED, points=points)
    assert picture.alt.splitlines()[-1] == (
        "In the order of the points: 1 c1 put(x, 1) ok; 2 c2 get(x) → 1; 3 c1 put(x, 2) ok; 4 c3 get(x) → 2; "
        "5 c3 put(x, 3) no answer; 6 c2 get(x) → 3.")
    places = [place_of(picture.svg, index) for index in points]
    assert places == sorted(places) and len(set(places)) == 6
    assert "point-" not in timeline(POINTED).svg
    assert_tidy()


@pytest.mark.parametrize(("points", "words"), [
    ({0: 1.5}, "not between its beginning 0 and its end 1"), ({3: 3.5}, "not between its beginning 4 and its end open"),
    ({9: 1}, "operation 9, which is not in the history")])
def test_a_point_outside_of_its_interval_is_refused(points, words):
    with pytest.raises(ValueError, match=words):
        timeline(POINTED, points=points)


def test_points_are_refused_where_they_cannot_be_drawn():
    history = concurrent(40, 4)
    with pytest.raises(ValueError, match="on one line"):
        timeline(history, points={history[0].index: history[0].start + 0.5})
