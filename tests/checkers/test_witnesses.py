"""Witnesses: the few operations that a verdict shows condemn by themselves, none can be spared, and all are drawn."""

from collections import Counter
from dataclasses import replace
from functools import cache
from random import Random

import pytest
import rules

from splitbrain.checkers import judge
from splitbrain.records import History
from splitbrain.views import dependency_graph, timeline

SESSIONS = ("read-your-writes", "monotonic-reads", "monotonic-writes", "writes-follow-reads")
ASKED = {
    "linearizability": rules.ask_again, "sequential-consistency": rules.ask_again, "staleness": rules.ask_again,
    "staleness(ms=3)": rules.ask_distinct, "staleness(versions=1)": rules.ask_again, "counter": rules.ask_counter,
    "set": rules.ask_set, "bank": rules.ask_bank, "total-queue": rules.queue, "total-queue(certain=True)": rules.queue,
    "unordered-queue": rules.queue, "producer-order": rules.queue, "availability": rules.ask_distinct,
} | dict.fromkeys(SESSIONS, rules.sessions)
KEYED = ("total-queue", "total-queue(certain=True)", "unordered-queue", "producer-order", "set", "bank", "counter",
         "linearizability", "sequential-consistency", "staleness", *SESSIONS)


def tapes(count, seed=0):
    return [[int(Random(n + i / 64 + seed).random() * 2**16) for i in range(24)] for n in range(count)]


@cache
def violated(name, count=400):
    """Histories that the checker condemns, with its verdict."""
    found = []
    for n, tape in enumerate(tapes(count)):
        history = rules.tiny(tape, ASKED[name], keys=("x", "y") if n % 2 and name in KEYED else (None,))
        verdict = judge(name, history)
        if verdict.status == "violated":
            found.append((History(history), verdict))
    return found


def let_go(history, kept):
    """All but these may have happened or not: nobody was told."""
    return [o if o.index in kept or o.status == "fail" else replace(o, status="unknown", end=None, result=None)
            for o in history]


def indexes(verdict):
    return {o.index for o in verdict.witness.operations}


# Where a read is right or wrong by what *may* have happened, the others are let go; where what others did gives no more
# than reasons, they are left out. (Of linearizability's witnesses `test_linearizability` says the same.)
LET_GO = ("sequential-consistency", "counter", "set", "bank", "total-queue", "staleness",
          "staleness(ms=3)", "staleness(versions=1)")
LEFT_OUT = (*SESSIONS, "producer-order", "unordered-queue", "bank")


@pytest.mark.parametrize("name", LET_GO)
def test_whether_or_not_the_others_happened_it_is_violated(name):
    checked = Counter()
    for history, verdict in violated(name):
        kept = indexes(verdict)
        assert judge(name, let_go(history, kept)).status == "violated", f"{history}\n{verdict}"
        for one in kept - shown_for_their_number(verdict):
            less = judge(name, let_go(history, kept - {one}))
            assert less.status != "violated" or less.anomalies != verdict.anomalies, f"{history}\n{verdict}\n{one}"
            checked[len(kept)] += 1
    assert checked.total() > 60, checked


def shown_for_their_number(verdict):
    """Deliveries of a message that went in more than once: one of it is lost, whichever came out."""
    put = [o.value for o in verdict.witness.operations if o.f == "enqueue"]
    return {o.index for o in verdict.witness.operations if o.f == "drain" or o.f == "dequeue" and o.result in put}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_by_themselves_they_are_violated(name):
    checked = 0
    for history, verdict in violated(name, 800):
        few = [o for o in history if o.index in indexes(verdict)]
        assert judge(name, few).status == "violated", f"{history}\n{verdict}"
        for one in few:
            if name == "unordered-queue" and (one.f == "enqueue" or "drain" in {o.f for o in few}):
                continue  # without an enqueue the message came out too often all the more; a drain took others as well
            assert judge(name, [o for o in few if o is not one]).status != "violated", f"{history}\n{verdict}\n{one}"
            checked += 1
    assert checked > (40 if name in SESSIONS else 100), checked


def test_what_is_certainly_lost_is_condemned_by_the_enqueue_and_by_nobody_else_having_it():
    checked = 0
    for history, verdict in violated("total-queue(certain=True)", 1500):
        if verdict.anomalies[0] == "lost":
            puts = {o.index for o in verdict.witness.operations if o.f == "enqueue"}
            others = [o if o.f != "enqueue" or o.index in puts else replace(o, status="unknown", end=None)
                      for o in history]
            assert puts and judge("total-queue", others).anomalies[0] == "lost", f"{history}\n{verdict}"
            checked += 1
    assert checked > 40, checked


def test_what_was_not_answered_is_all_that_was_not_answered():
    for history, verdict in violated("availability"):
        assert indexes(verdict) == {o.index for o in history if o.status != "ok"}


@pytest.mark.parametrize("name", ASKED)
def test_the_sentence_names_who_did_it(name):
    for _, verdict in violated(name)[:60]:
        operations = verdict.witness.operations if name != "availability" else verdict.witness.operations[:1]
        for o in operations if len(operations) < 5 else ():
            assert f"process {o.process}" in verdict.explanation or f"{o.process}: " in verdict.explanation, verdict


@pytest.mark.parametrize("name", ASKED)
def test_the_timeline_draws_it(name):
    for history, verdict in violated(name)[:2]:
        picture = timeline(history, witness=verdict)
        assert {row["operation"] for row in picture.table if row["witness"]} == indexes(verdict)
        assert "The verdict's witness:" in picture.alt


@pytest.mark.parametrize("name", [name for name in ASKED if name != "availability"])
def test_the_graph_draws_it(name):
    for _, verdict in violated(name)[:2]:
        picture = dependency_graph(verdict)
        assert picture.alt.startswith(f"Dependency graph. Operations: {len(verdict.witness.operations)}.")
        assert len(picture.table) == len(verdict.witness.operations) + len(verdict.witness.edges)


@pytest.mark.parametrize("name", ASKED)
def test_edges_lie_between_operations_of_the_witness(name):
    some = 0
    for _, verdict in violated(name):
        for start, end, reason in verdict.witness.edges:
            assert {start, end} <= indexes(verdict) and start != end and reason
            some += 1
    assert some or name.startswith(("counter", "set", "bank", "total", "unordered", "availability"))
