"""Atomic commitment by AC1 to AC5: by example, against the definition on every small record, and from a journal."""

from collections import Counter
from itertools import product
from pathlib import Path
from types import ModuleType

import pytest

from splitbrain.checkers import atomic_commitment, commit
from splitbrain.checkers.commit import CommitRecord, Step, commit_records, outcome
from splitbrain.records import Journal


def record(*words, **more):
    return CommitRecord(("n1", "n2"), tuple(Step(*word.split()) for word in words), **more)


YES = ("n1 yes", "n2 yes")
SENTENCES = [
    (record(*YES, "n1 commit", "n2 commit"), "ok: all 2 participants decided commit", "commit"),
    (record("n1 no", "n1 abort", "n2 abort"), "ok: all 2 participants decided abort", "abort"),
    (record(*YES, "n1 commit", "n2 abort", failures=True), "violated: AC1: n1 decided commit, n2 decided abort",
     "violated"),
    (record(*YES, "n1 commit", "n1 abort"), "violated: AC2: n1 decided commit and later abort", "violated"),
    (record("n1 yes", "n2 no", "n1 commit"), "violated: AC3: n1 decided commit, and n2 had voted no", "violated"),
    (record("n1 yes", "n1 commit", "n2 yes"), "violated: AC3: n1 decided commit, and n2 had not voted", "violated"),
    (record(*YES, "n1 abort", "n2 abort"), "violated: AC4: n1 decided abort, although all voted yes and nothing failed",
     "violated"),
    (record(*YES, "n1 abort", "n2 abort", failures=True), "ok: all 2 participants decided abort", "abort"),
    (record(*YES, "n1 commit"), "violated: AC5: n2 voted yes and never decided, although all is well", "violated"),
    (record(*YES, failures=True, lasting="crash of n3"),
     "ok: n1 is blocked: it voted yes and does not know the decision (crash of n3)", "blocked"),
    (record("n1 yes", "n1 abort", failures=True, lasting="crash of n2"),
     "ok: n2 has not decided, and nothing holds it to yes (crash of n2)", "abort"),
]


@pytest.mark.parametrize(("subject", "sentence", "word"), SENTENCES, ids=range(len(SENTENCES)))
def test_what_is_said(subject, sentence, word):
    verdict = atomic_commitment(subject)
    assert str(verdict) == sentence and outcome(subject) == word
    assert verdict.anomalies == {"blocked": ("blocked",), "violated": (sentence[10:13],)}.get(word, ())


def test_a_recovery_is_given_its_time():
    waiting = record(*YES, "n1 commit", failures=True, quiet=40.0)
    assert str(atomic_commitment(waiting, patience=100)) == (
        "unknown: n2 has not decided, and all has been well for 40 ms only")
    assert atomic_commitment(waiting, patience=40).status == "violated"


def broken(subject):
    """The conditions that a record breaks, each in its textbook wording and apart from the others."""
    steps, found = list(subject.steps), set()
    decided = {p: [s.what for s in steps if s.process == p and s.what in ("commit", "abort")] for p in ("n1", "n2")}
    if any(a != b for a in decided["n1"] for b in decided["n2"]):
        found.add("AC1")
    if any(len(set(own)) > 1 for own in decided.values()):
        found.add("AC2")
    for i, step in enumerate(steps):
        before = steps[:i]
        if step.what == "commit" and not all(Step(p, "yes") in before and Step(p, "no") not in before for p in decided):
            found.add("AC3")
    all_yes = all([s.what for s in steps if s.process == p and s.what in ("yes", "no")][:1] == ["yes"] for p in decided)
    if all_yes and not subject.failures and "abort" in decided["n1"] + decided["n2"]:
        found.add("AC4")
    if not subject.lasting and not all(decided.values()):
        found.add("AC5")
    return found


def small_records(longest):
    words = [Step(p, what) for p in ("n1", "n2") for what in ("yes", "no", "commit", "abort")]
    for length in range(longest + 1):
        for steps in product(words, repeat=length):
            for failures, lasting in ((False, ""), (True, ""), (True, "a crash")):
                yield CommitRecord(("n1", "n2"), steps, failures, lasting)


def test_every_small_record_against_the_definition():
    seen = Counter()
    for subject in small_records(4):
        verdict, wrong = atomic_commitment(subject), broken(subject)
        assert (verdict.status == "violated") == bool(wrong), f"{subject}\n{verdict}\n{wrong}"
        assert not wrong or verdict.anomalies[0] in wrong
        seen[verdict.anomalies or verdict.status] += 1
    assert len(seen) == 7 and min(seen.values()) > 10, seen


@pytest.mark.parametrize(("old", "new"), [
    ('"AC2": _no_reversal, ', ""), ('"AC1": _same_decision, ', ""), ('"AC3": _commit_needs_all, ', ""),
    (', "AC4": _all_yes_commits', ""), ("if record.failures or not aborts or", "if not aborts or"),
    ("in record.steps[:i] if s.process", "in record.steps if s.process"),
    ('if any(vote.what == "no" for vote in votes):', "if False:"), ("if record.lasting:", "if True:"),
    ("if record.lasting and in_doubt:", "if False:"), ("if s.what != own[0].what]", "if False]"),
])
def test_a_broken_rule_is_noticed(old, new):
    source = Path(commit.__file__).read_text()
    assert old in source, f"there is no {old!r} any more: change the mutation as well"
    changed = ModuleType("changed")
    changed.__dict__["__name__"] = commit.__name__  # dataclasses look their module up
    exec(compile(source.replace(old, new), commit.__file__, "exec"), changed.__dict__)

    def wrong(subject):
        return changed.atomic_commitment(changed.CommitRecord(subject.participants, subject.steps, subject.failures,
                                                              subject.lasting))

    small = [(wrong(subject), broken(subject), atomic_commitment(subject)) for subject in small_records(4)]
    assert any((ours.status == "violated") != bool(truth) or ours.anomalies != usual.anomalies
               for ours, truth, usual in small)


def journal(*lines):
    """``5 n1 T1: vote yes``; ``7 n2 crash``."""
    raw = []
    for line in lines:
        time, node, what = line.split(maxsplit=2)
        kind = what if what in ("crash", "restart") else "note"
        raw.append((int(time) * 1000, kind, node, None, {"text": what} if kind == "note" else {"kind": "process"}))
    return Journal(raw)


VOTED = ("1 n1 T1: vote yes", "2 n2 T1: vote yes", "3 n1 something else", "4 c T1: decide commit",
         "5 n1 T1: decide commit")


def test_a_journal_is_read():
    records = commit_records(journal(*VOTED, "6 n2 T1: decide commit"))
    assert records["T1"].participants == ("n1", "n2") and not records["T1"].failures
    assert [str(step) for step in records["T1"].steps[1:3]] == ["n2 voted yes", "c decided commit"]
    verdict = atomic_commitment(journal(*VOTED, "6 n2 T1: decide commit"))
    assert str(verdict) == "ok: AC1 to AC5 hold for 1 transaction"


def test_a_journal_with_a_crash():
    blocked = atomic_commitment(journal(*VOTED, "6 n1 crash"))
    assert str(blocked) == (
        "ok: AC1 to AC5 hold for 1 transaction, 1 of them blocked: in T1 n2 is blocked: it voted yes and does not know "
        "the decision (crash of n1)")
    assert blocked.witness.events == (1,) and blocked.anomalies == ("blocked",)
    late = atomic_commitment(journal(*VOTED, "6 n1 crash", "7 n1 restart", "30 n1 nothing"))
    assert str(late) == "violated: T1: AC5: n2 voted yes and never decided, although all is well"
    assert late.witness.events == (1,)
    soon = atomic_commitment(journal(*VOTED, "6 n1 crash", "7 n1 restart", "30 n1 nothing"), patience=50)
    assert soon.status == "unknown" and "for 23 ms only" in soon.explanation
    missed = atomic_commitment(journal(*VOTED, "6 n2 T1: decide commit"), participants=["n1", "n2", "n3"])
    assert str(missed) == "violated: T1: AC3: c decided commit, and n3 had not voted"


def test_a_run_that_ended_too_early_accuses_nobody():
    early = journal(*VOTED, "9 n1 something else")
    assert atomic_commitment(early).anomalies == ("AC5",)
    assert str(atomic_commitment(early, patience=10)) == (
        "unknown: T1: n2 has not decided, and all has been well for 4 ms only")
    assert atomic_commitment(early, patience=4).status == "violated"


def test_what_holds_no_transaction_is_unknown():
    assert str(atomic_commitment(journal("5 n1 crash", "6 n1 T1: voted yes"))) == (
        "unknown: nobody noted as much as 'T1: vote yes' or 'T1: decide commit'")
    assert str(atomic_commitment(Journal([]))) == "unknown: the journal is empty: was one kept (journal=True)?"
    with pytest.raises(TypeError, match="needs a run, its journal or a CommitRecord, not dict"):
        atomic_commitment({})
