"""Histories drawn in letters: what is read, what is drawn, and that both are the same history."""

import itertools
from random import Random

import pytest

from splitbrain.records import History, Operation

DRAWN = """
c1: [put x=1 ]        [put x=2 ------]
c2             [get x --> 1]   [get x -> None ---]
c3                      [put x=3 ?     [cas x=1,2 failed]
"""


def fields(o):
    return o.process, o.f, o.key, o.value, o.result, o.status


def test_every_outcome_is_read():
    assert [fields(o) for o in History.from_sketch(DRAWN)] == [
        ("c1", "put", "x", 1, None, "ok"), ("c2", "get", "x", None, 1, "ok"), ("c1", "put", "x", 2, None, "ok"),
        ("c3", "put", "x", 3, None, "unknown"), ("c2", "get", "x", None, None, "ok"),
        ("c3", "cas", "x", [1, 2], None, "fail")]


def test_columns_are_the_order():
    first, read, second, lost, *_ = History.from_sketch(DRAWN)
    assert first.end < read.start < second.start < lost.start < read.end < second.end
    assert lost.end is None and (first.invoked, first.returned) == (4, 13)


def test_what_shares_a_column_overlaps():
    write, read = History.from_sketch("a  [write 1]\nb          [read -> 1]")
    assert write.returned == read.invoked and read.start < write.end


@pytest.mark.parametrize(("text", "value"), [
    ("write -3", -3), ("write 2.5", 2.5), ("write None", None), ("write True ---", True), ("write red", "red"),
    ("write 1,two,None", [1, "two", None]), ("compare-and-set 1,2", [1, 2])])
def test_values_are_numbers_and_words(text, value):
    assert History.from_sketch(f"a  [{text}]")[0].value == value


@pytest.mark.parametrize("text", ["read", "read -> -1", "read ----> -1", "read -> -1 ----"])
def test_dashes_mean_nothing(text):
    assert fields(History.from_sketch(f"a  [{text}]")[0]) == ("a", "read", None, None, -1 if ">" in text else None,
                                                               "ok")


def test_dashes_may_stand_before_a_failure():
    assert fields(History.from_sketch("a  [cas x=1,4 ------ failed]")[0]) == ("a", "cas", "x", [1, 4], None, "fail")


def test_a_client_gave_up_when_it_gave_up():
    put = Operation("ann", "put", "x", 1, status="unknown", invoked=0, returned=60, start=0, index=0)
    early, late = (Operation("bob", "get", "x", result=1, invoked=at, returned=at + 9, start=n, end=n + 1, index=n)
                   for n, at in ((1, 20), (3, 70)))
    assert History([put, early, late]).to_sketch().splitlines() == [
        "ann  [put x=1 ----?", "bob   [get x -> 1]  [get x -> 1]"]


@pytest.mark.parametrize(("text", "words"), [
    ("a  [put x=1] later", "line 1: 'later' stands in no bracket"), ("\n[put x=1]", "line 2: it begins with the name"),
    ("a  [put x=1", "stands in no bracket"), ("a  []", "'' is no operation"), ("a  [x=1]", "'x=1' is no operation"),
    ("a  [write 1]\na  [write 2]", "two lines have the same name")])
def test_what_is_no_drawing_is_refused(text, words):
    with pytest.raises(ValueError, match=words):
        History.from_sketch(text)


def some_history(seed):
    dice, running, told, place = Random(seed), {}, [], 0
    while len(told) < 8 or running:
        process = dice.choice("abc")
        if process not in running and len(told) < 8:
            f = dice.choice(["put", "get", "cas", "acquire"])
            value = {"put": len(told), "cas": [1, len(told)]}.get(f)
            told.append({"process": process, "f": f, "key": None if f == "acquire" else dice.choice("xy"),
                         "value": value, "start": place, "index": len(told), "status": "unknown"})
            running[process] = told[-1]
        elif process in running:
            o, status = running.pop(process), dice.choice(["ok", "ok", "fail", "unknown"])
            o["status"], o["end"] = status, None if status == "unknown" else place
            o["result"] = dice.choice([None, -7]) if status == "ok" and o["f"] == "get" else None
        place += 1
    return History(Operation(**o) for o in told)


def before(history):
    return [a.end is not None and a.end < b.start for a, b in itertools.permutations(history, 2)]


@pytest.mark.parametrize("seed", range(40))
def test_what_is_drawn_is_read_as_the_same_history(seed):
    history = some_history(seed)
    again = History.from_sketch(history.to_sketch())
    assert [fields(o) for o in again] == [fields(o) for o in history]
    assert before(again) == before(history)
    assert History.from_sketch(again.to_sketch()) == again
