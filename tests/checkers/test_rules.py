"""The checkers that count, the sequential one and the session guarantees: by example and against their definitions."""

from collections import Counter
from dataclasses import replace
from random import Random

import oracle
import pytest
import rules
from hypothesis import given, settings
from hypothesis import strategies as st

from splitbrain.checkers import availability, bank, judge, sequential_consistency, session_guarantees, staleness
from splitbrain.checkers.availability import longest_gap, over_time
from splitbrain.checkers.queues import queue_report
from splitbrain.checkers.staleness import lags
from splitbrain.records import Operation

STATUS = {True: "violated", False: "ok"}
TAPES = st.integers(0, 2**32).map(lambda seed: [int(Random(seed + i).random() * 2**16) for i in range(24)])


def tiny(tape, ask, **options):
    return rules.tiny(tape, ask, **options)


def compare(said, truth, ask, *, examples=1000, keys=((None,),), least=30, **options):
    """Let a checker and its definition judge tiny histories; both verdicts have to occur often."""
    seen = Counter()

    @settings(max_examples=examples, derandomize=True, database=None, deadline=None)
    @given(TAPES, st.sampled_from(keys))
    def agree(tape, keys):
        history = tiny(tape, ask, keys=keys, **options)
        ours, theirs = said(history), truth(history)
        seen[theirs] += 1
        assert ours == theirs, f"{history}\nours {ours}, by definition {theirs}"

    agree()
    assert len(seen) > 1 and min(seen.values()) > least, seen


def broken(rule):
    return rules.each_queue(lambda history: STATUS[rule(history)])


BOTH = ((None,), ("x", "y"))
COUNTED = {
    "total-queue": (rules.queue, broken(rules.lost_or_unexpected), {"keys": BOTH}),
    "total-queue(certain=True)": (rules.queue, rules.each_queue(rules.queue_status), {"keys": BOTH}),
    "unordered-queue": (rules.queue, broken(rules.out_before_in), {"keys": BOTH}),
    "producer-order": (rules.queue, broken(rules.overtaken), {"keys": BOTH}),
    "counter": (rules.ask_counter, lambda h: STATUS[rules.beyond_bounds(h)], {"keys": BOTH}),
    "set": (rules.ask_set, rules.each_queue(rules.set_status), {"keys": BOTH}),
    "bank": (rules.ask_bank, rules.bank_status, {"keys": BOTH}),
    "availability(least=0.7)": (rules.ask_distinct, lambda h: rules.availability_status(h, least=0.7), {}),
    "availability(least=0.5, window=5)": (
        rules.ask_distinct, lambda h: rules.availability_status(h, least=0.5, window=5), {}),
}


@pytest.mark.parametrize("name", COUNTED)
def test_counting_agrees_with_the_rule(name):
    ask, truth, options = COUNTED[name]
    compare(lambda history: judge(name, history).status, truth, ask, **options)


@pytest.mark.parametrize("ask", [rules.ask_distinct, rules.ask_again])
def test_sequential_consistency_agrees_with_the_definition(ask):
    compare(lambda h: sequential_consistency(h).status == "ok", lambda h: rules.sequential(h, oracle.register),
            ask, keys=BOTH, longest=6)


def test_session_guarantees_agree_with_the_definition():
    seen = Counter()

    @settings(max_examples=700, derandomize=True, database=None, deadline=None)
    @given(TAPES, st.sampled_from([(None,), ("x", "y"), ("y", "x")]))
    def agree(tape, keys):
        history = tiny(tape, rules.sessions, keys=keys)
        verdicts = session_guarantees(history)
        kept = rules.guarantees(history)
        for name, verdict in verdicts.items():
            seen[name, verdict.status] += 1
            assert verdict.status == STATUS[name not in kept], f"{name}\n{history}\n{verdict}"

    agree()
    assert all(seen[name, "violated"] > 15 and seen[name, "ok"] > 50 for name in rules.GUARANTEES), seen


@pytest.mark.parametrize("ask", [rules.ask_distinct, rules.ask_again])
def test_staleness_agrees_with_the_definition(ask):
    seen = Counter()

    @settings(max_examples=1000, derandomize=True, database=None, deadline=None)
    @given(TAPES, st.sampled_from(BOTH))
    def agree(tape, keys):
        history = tiny(tape, ask, keys=keys, longest=8)
        truth = rules.lags(history)
        assert [(lag.read.index, lag.versions, lag.ms) for lag in lags(history)] == truth
        most, longest = max((v for _, v, _ in truth), default=0), max((ms for *_, ms in truth), default=0)
        seen[most] += 1
        assert staleness(history).status == STATUS[most > 0]
        assert staleness(history, versions=most).status == staleness(history, ms=longest).status == "ok"
        assert not longest or staleness(history, ms=longest / 2).status == "violated"

    agree()
    assert seen[0] > 50 and seen[1] > 50 and seen[2] > 3, seen


def operations(*lines):
    """``c1 add 1``, ``c1 read [1, 2]``, ``c1 add 1 unknown``: one after the other."""
    told = []
    for i, line in enumerate(lines):
        process, f, value, *status = line.split(maxsplit=2)[:2] + [line.split(maxsplit=2)[2]]
        value, _, ending = value.partition(" as ")
        value = eval(value)  # the tests' own text
        asked, answer = (None, value) if f in ("read", "dequeue", "get", "drain") else (value, value)
        told.append(Operation(process, f, None, asked, answer, ending or "ok", 10.0 * i, 10.0 * i + 5, 2 * i,
                              2 * i + 1 if not ending or ending == "fail" else None, i))
    return told


SENTENCES = [
    ("total-queue", [], "ok: every acknowledged message came out (0 of 0), and nothing else"),
    ("total-queue", ["p enqueue 'a'", "p enqueue 'b' as unknown", "c dequeue 'b'", "c dequeue 'a'", "d dequeue 'a'"],
     "ok: every acknowledged message came out (1 of 1), and nothing else; 1 message duplicated ('a' came out 2 times); "
     "1 message came out whose producer was not told ok"),
    ("total-queue", ["p enqueue 'a'", "p enqueue 'b'", "c dequeue 'x'", "d drain ['b']"],
     "violated: 1 message lost: p called enqueue('a'), was told ok, and it never came out; 1 message unexpected: c "
     "called dequeue() -> 'x', which nobody enqueued"),
    ("total-queue", ["p enqueue 'a' as fail", "c dequeue None"], "ok: every acknowledged message came out (0 of 0)"),
    ("total-queue(certain=True)", ["p enqueue 'a'", "c dequeue None", "p enqueue 'b'"],
     "violated: 1 message lost: p called enqueue('a'), was told ok, and it never came out"),
    ("total-queue(certain=True)", ["p enqueue 'a'", "c dequeue None as unknown", "c dequeue None"],
     "unknown: p called enqueue('a') and was told ok, and it did not come out, but 1 dequeue of unknown outcome may"),
    ("total-queue(certain=True)", ["p enqueue 'a'", "p enqueue 'b'", "c drain [] as unknown", "c dequeue None"],
     "unknown: p called enqueue('a') and was told ok, and it did not come out, but 1 dequeue of unknown outcome may"),
    ("total-queue(certain=True)", ["c dequeue None", "p enqueue 'a'", "c dequeue 'x'"],
     "violated: 1 message unexpected: c called dequeue() -> 'x', which nobody enqueued"),
    ("total-queue(certain=True)", ["c drain []", "p enqueue 'a'"],
     "unknown: p called enqueue('a') and was told ok, and it did not come out, but nobody found the queue empty after"),
    ("unordered-queue", ["p enqueue 'a'", "c dequeue 'a'", "c dequeue 'a'"],
     "violated: c called dequeue() -> 'a', but by then 'a' had gone in 1 time (p) and come out 2 times (c, c)"),
    ("producer-order", ["p enqueue 1", "q enqueue 2", "c dequeue 2", "c dequeue 1"],
     "ok: no message of 2 producers overtook an earlier one"),
    ("counter", ["a add 1", "a add 3", "a add 2", "b read 1"],
     "violated: b read 1, but at least 6 had been added by then: a called add(3)"),
    ("counter", ["a add 1", "b read 4"], "violated: b read 4, but at most 1 can have been added by then"),
    ("counter", ["a add 4 as unknown", "b read 4", "b read 0", "a add 4 as fail"], "ok: each of the 2 reads is within"),
    ("set", ["a add 1"], "unknown: the set was never read"),
    ("set", ["a add 1", "b read [1]", "a add 2"], "unknown: a called add(2) and was told ok, but nobody read the set"),
    ("set", ["a add 1", "a add 2 as unknown", "b read []", "b read [1, 2]"],
     "ok: the last read has all of the 1 element that were acknowledged, and nothing unexpected; 1 element there"),
    ("set", ["a add 1", "a add 2", "b read [3]"],
     "violated: 2 elements lost: a called add(1) and was told ok, but b read [3] at the end; 1 element unexpected: b"),
    ("bank", [], "unknown: nobody read the accounts"),
    ("bank", ["a read [5, 5]", "a transfer 'x'", "b read [1, 9]"], "ok: each of the 2 reads finds a total of 10"),
    ("bank", ["a read {'x': -1, 'y': 2}"], "violated: a read {'x': -1, 'y': 2}: account 'x' is overdrawn"),
    ("bank", ["a read {'x': None}"], "violated: a read {'x': None}: account 'x' has no balance"),
    ("bank", ["a read [0.1, 0.2]", "a read [0.3, 0.0]"], "ok: each of the 2 reads finds a total of 0.3"),
    ("staleness", ["a write 1", "b read None"], "violated: b read None, 1 version and 5 ms behind: a had written 1"),
    ("availability", ["a read 1", "a read 1 as fail"], "violated: 1 of 2 operations were answered (50 %), from 0 to"),
    ("read-your-writes", ["a write 1", "a write 1"], "unknown: a wrote 1 although that value was there before"),
    ("session-guarantees", ["a write 1", "b read 1", "b read None", "a read None"],
     "violated: a read None after it wrote 1 (read-your-writes, monotonic-reads)"),
    ("session-guarantees", ["a write 1", "b read 1"], "ok: some order of the versions keeps each of the four"),
    ("session-guarantees", ["a write 1", "a write 1"], "unknown: a wrote 1 although that value was there before"),
    ("staleness(ms=4)", ["a write 1", "b read None"], "violated: b read None, 1 version and 5 ms behind: a had"),
    ("monotonic-reads", ["a write 1", "a write 2", "b read 2", "b read 1"],
     "violated: b read 1 after it read 2; but a wrote 2 after it wrote 1"),
    ("monotonic-writes", ["a write 1", "a write 2", "b read 2", "b read 1"], "ok: some order of the versions keeps it"),
    ("sequential-consistency", ["a write 1", "b read 3"], "violated: b read 3, which no order of the operations"),
]


@pytest.mark.parametrize(("name", "lines", "sentence"), SENTENCES, ids=range(len(SENTENCES)))
def test_what_is_said(name, lines, sentence):
    verdict = judge(name, operations(*lines))
    assert str(verdict).startswith(sentence)
    assert (verdict.witness is not None) == (verdict.status == "violated")
    assert verdict.checker == name.partition("(")[0]


def test_bank_with_what_is_known_of_it():
    reads = operations("a read {'x': 6, 'y': 4}")
    assert str(bank(reads, total=11)) == "violated: a read {'x': 6, 'y': 4}: a total of 10, not 11"
    assert bank(reads, total=10, accounts="xy").status == "ok"
    assert str(bank(reads, accounts="x")).endswith("there is no account 'y'")
    assert bank(operations("a read [-1, 3]"), overdraft=True).status == "ok"


def test_the_witness_is_short_and_enough():
    assert [str(o) for o in judge("counter", operations("a add 1", "a add 9", "b read 3")).witness.operations] == [
        "a: add(9) -> 9", "b: read() -> 3"]
    turned = judge("producer-order", operations("p enqueue 1", "p enqueue 2", "c dequeue 2", "c dequeue 1"))
    assert turned.witness.edges == ((0, 1, "was over before it began"), (2, 3, "was over before it began"))
    report = queue_report(operations("p enqueue 1", "q enqueue 2", "c dequeue 2", "c dequeue 1"))
    assert report.reordered == ((1, 2),)


def test_two_registers_that_are_sequential_alone_and_not_together():
    def one(process, f, key, value, at):
        asked, answer = (value, None) if f == "write" else (None, value)
        return Operation(process, f, key, asked, answer, start=at, end=at + 1, index=at)

    history = [one("a", "write", "x", 1, 0), one("a", "read", "y", None, 2),
               one("b", "write", "y", 1, 4), one("b", "read", "x", None, 6)]
    for key in ("x", "y"):
        assert sequential_consistency([o for o in history if o.key == key]).status == "ok"
    assert sequential_consistency(history).status == "violated"
    assert sequential_consistency(history, budget=1).status == "unknown"


@pytest.mark.parametrize("name", ["staleness(ms=5", "staleness(5)", "staleness(ms=5).x()", "staleness(ms=now())",
                                  "staleness(ms=5) or 1"])
def test_options_that_cannot_be_read(name):
    with pytest.raises(ValueError, match="write 'staleness', or with options 'staleness\\(ms=50\\)'"):
        judge(name, [])


def test_options_that_a_checker_does_not_have():
    with pytest.raises(TypeError, match="unexpected keyword argument 'sm'"):
        judge("staleness(sm=5)", [])
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        judge("staleness(**{})", [])
    with pytest.raises(ValueError, match="no checker 'freshness'; there are availability, bank, cas-register, counter"):
        judge("freshness(ms=5)", [])


@pytest.mark.parametrize("name", ["total-queue", "counter", "set", "bank", "staleness", "read-your-writes"])
def test_other_functions_are_refused(name):
    with pytest.raises(ValueError, match="knows .*, not 'cas'"):
        judge(name, [Operation("c", "cas")])


def test_availability_over_time_counts_every_operation():
    asked = [Operation("c", "get", invoked=at, status=status, index=i) for i, (at, status) in enumerate(
        [(5.0, "ok"), (99.9, "fail"), (100.0, "unknown"), (310.0, "ok")])]
    shares = [(share.start, share.end, share.asked, share.answered) for share in over_time(asked)]
    assert shares == [(0, 100, 2, 1), (100, 200, 1, 0), (200, 300, 0, 0), (300, 400, 1, 1)]
    assert over_time(asked)[2].share is None and over_time([]) == []
    assert str(availability(asked, window=100, least=0.5)) == (
        "violated: only 0 of 1 operation were answered (0 %) from 100 to 200 ms; the first that was not: c: get() -> ?")
    assert availability(asked, start=300).status == "ok" and availability(asked, end=100).status == "violated"
    assert availability(asked, window=100, start=300).explanation.endswith("in each window of 100 ms at least 100 %")
    nanoseconds = [replace(asked[0], invoked=at) for at in (0.0, 9e12)]
    assert availability(nanoseconds, window=100).status == "ok"
    with pytest.raises(ValueError, match="are the history's times in milliseconds"):
        over_time(nanoseconds)
    for wrong in ({"least": 90}, {"window": 0}):
        with pytest.raises(ValueError, match="between 0 and 1, not 90|longer than 0 ms"):
            availability(asked, **wrong)


def test_nearly_all_is_not_all():
    asked = [Operation("c", "get", status="ok" if i else "fail", index=i) for i in range(100_000)]
    assert availability(asked).explanation.startswith("99999 of 100000 operations were answered (99.9 %)")


def test_the_longest_gap_is_one_in_which_an_answer_was_wanted():
    def asked(*spans):
        return [Operation("c", "get", invoked=a, returned=b, status=status, index=i)
                for i, (a, b, status) in enumerate(spans)]

    assert longest_gap([]) is None
    assert longest_gap(asked((0.0, 3.0, "ok"), (500.0, 501.0, "ok"))) == (0.0, 3.0)
    assert longest_gap(asked((0.0, 3.0, "ok"), (2.0, 40.0, "ok"))) == (3.0, 40.0)
    assert longest_gap(asked((0.0, 3.0, "ok"), (10.0, 20.0, "fail"), (60.0, 61.0, "ok"))) == (10.0, 61.0)
    assert longest_gap(asked((0.0, 3.0, "ok"), (10.0, None, "unknown"), (15.0, 80.0, "fail"))) == (10.0, 80.0)
