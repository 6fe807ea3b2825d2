"""The checkers that count, the sequential one and the session guarantees: by example and against their definitions."""

from collections import Counter
from random import Random

import oracle
import pytest
import rules
from hypothesis import given, settings
from hypothesis import strategies as st

from splitbrain.checkers import availability, bank, judge, sequential_consistency, session_guarantees, staleness
from splitbrain.checkers.availability import over_time
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


COUNTED = {
    "total-queue": (rules.queue, lambda h: STATUS[rules.lost_or_unexpected(h)], {}),
    "total-queue(certain=True)": (rules.queue, rules.queue_status, {}),
    "unordered-queue": (rules.queue, lambda h: STATUS[rules.out_before_in(h)], {}),
    "producer-order": (rules.queue, lambda h: STATUS[rules.overtaken(h)], {"least": 20}),
    "counter": (rules.ask_counter, lambda h: STATUS[rules.beyond_bounds(h)], {"keys": ((None,), ("x", "y"))}),
    "set": (rules.ask_set, rules.set_status, {}),
}


@pytest.mark.parametrize("name", COUNTED)
def test_counting_agrees_with_the_rule(name):
    ask, truth, options = COUNTED[name]
    compare(lambda history: judge(name, history).status, truth, ask, **options)


def test_sequential_consistency_agrees_with_the_definition():
    compare(lambda h: sequential_consistency(h).status == "ok", lambda h: rules.sequential(h, oracle.register),
            rules.ask_distinct, keys=((None,), ("x", "y")), longest=6)


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


def test_staleness_agrees_with_the_definition():
    seen = Counter()

    @settings(max_examples=700, derandomize=True, database=None, deadline=None)
    @given(TAPES, st.sampled_from([(None,), ("x", "y")]))
    def agree(tape, keys):
        history = tiny(tape, rules.ask_distinct, keys=keys, longest=8)
        found = lags(history)
        behind = {lag.read.index: lag.versions for lag in found}
        assert behind == {o.index: rules.versions_behind(history, o) for o in history
                          if o.f == "read" and o.status == "ok"}
        most = max(behind.values(), default=0)
        seen[most] += 1
        assert staleness(history).status == STATUS[most > 0]
        assert staleness(history, versions=most).status == "ok"

    agree()
    assert seen[0] > 50 and seen[1] > 30 and seen[2] > 3, seen


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
     "violated: c called dequeue() -> 'a', but by then 'a' had gone in 1 time and come out 2 times"),
    ("producer-order", ["p enqueue 1", "q enqueue 2", "c dequeue 2", "c dequeue 1"],
     "ok: no message of 2 producers overtook an earlier one"),
    ("counter", ["a add 1", "a add 3", "a add 2", "b read 1"], "violated: b read 1, but at least 6 had been added by"),
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


def drawn_shares(seed):
    random = Random(seed).random
    endings = ("ok", "ok", "fail", "unknown")
    return [Operation("c", "get", invoked=round(random() * 500, 1), status=endings[int(random() * 4)], index=i)
            for i in range(1 + int(random() * 9))]


@pytest.mark.parametrize("window", [None, 50.0, 130.0])
def test_availability_agrees_with_counting(window):
    seen = Counter()
    for seed in range(300):
        asked = drawn_shares(seed)
        groups = {}
        for o in asked:
            groups.setdefault(0 if window is None else o.invoked // window, []).append(o)
        shares = [sum(o.status == "ok" for o in group) / len(group) for group in groups.values()]
        for least in (0.3, 0.5, 0.75):
            verdict = availability(asked, least=least, window=window)
            assert verdict.status == STATUS[min(shares) < least], asked
            seen[verdict.status] += 1
            if verdict.witness:
                assert verdict.witness.operations and all(o.status != "ok" for o in verdict.witness.operations)
        assert sum(share.asked for share in over_time(asked, window=window or 70)) == len(asked)
    assert min(seen.values()) > 50
    assert availability([]).status == "unknown"


def test_bank_agrees_with_its_rule():
    seen = Counter()
    for seed in range(300):
        random = Random(seed).random
        reads = [Operation("c", "read", None, None, {"x": int(random() * 7) - 1, "y": 2 if random() < 0.8 else None},
                           start=2 * i, end=2 * i + 1, index=i) for i in range(1 + int(random() * 2))]
        held = [o.result for o in reads]
        fine = (all(b is not None and b >= 0 for h in held for b in h.values())
                and all(sum(h.values()) == sum(held[0].values()) for h in held))
        seen[fine] += 1
        assert bank(reads).status == STATUS[not fine]
        if fine:
            assert bank(reads, total=sum(held[0].values())).status == "ok"
            assert bank(reads, total=99).status == "violated"
    assert min(seen.values()) > 50
