"""Atomic commitment: do all participants of a transaction come to the same end, and to the right one?

Bernstein, Hadzilacos and Goodman (1987, chapter 7) ask five things of a protocol in which each participant votes yes
or no and all come to a decision, commit or abort:

- AC1: all processes that reach a decision reach the same one.
- AC2: a process cannot reverse its decision after it has reached one.
- AC3: commit can only be reached if all processes voted yes.
- AC4: if there are no failures and all processes voted yes, then the decision is commit.
- AC5: once all failures are repaired and no new ones occur for long enough, all processes reach a decision.

A participant that voted yes and cannot decide while a failure lasts is *blocked*. That breaks none of the five, and
two-phase commit cannot but do it. So it is an outcome of its own: the verdict is ``ok``, with ``blocked`` among the
anomalies. Only where the failures are over and it still does not decide is AC5 violated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from splitbrain.checkers.explain import plural
from splitbrain.records import OK, UNKNOWN, VIOLATED, Journal, Verdict, Witness

VOTES, DECISIONS = ("yes", "no"), ("commit", "abort")
_NOTE = re.compile(r"(?P<transaction>\S+): (?:vote (?P<vote>yes|no)|decide (?P<decision>commit|abort))")


@dataclass(frozen=True, slots=True)
class Step:
    """One vote or decision.

    `what` is ``yes`` or ``no`` (a vote), ``commit`` or ``abort`` (a decision); `event` is its position in the journal,
    None if there is no journal; `time` is in milliseconds.
    """

    process: str
    what: str
    time: float = 0.0
    event: int | None = None

    def __str__(self) -> str:
        return f"{self.process} {'voted' if self.what in VOTES else 'decided'} {self.what}"


@dataclass(frozen=True, slots=True)
class CommitRecord:
    """What became of one transaction: votes and decisions in the order in which they were made.

    Attributes
    ----------
    participants : tuple of str
        Who votes. (A coordinator that does not vote is none; its decision counts for AC1 and AC2 all the same.)
    steps : tuple of Step
    failures : bool
        Whether anything went wrong meanwhile: a crash, a lost message, a link cut.
    lasting : str
        What is still wrong at the end, in words; "" if all is repaired.
    quiet : float
        For how many milliseconds before the end of the record all had been well, and nobody had voted or decided;
        infinite if it tells no times.
    transaction : str
    """

    participants: tuple[str, ...]
    steps: tuple[Step, ...]
    failures: bool = False
    lasting: str = ""
    quiet: float = float("inf")
    transaction: str = field(default="the transaction")

    def votes(self, process: str) -> list[Step]:
        return [s for s in self.steps if s.process == process and s.what in VOTES]

    def decisions(self, process: str | None = None) -> list[Step]:
        return [s for s in self.steps if s.what in DECISIONS and process in (None, s.process)]


def commit_records(journal: Journal, *, participants: Iterable[str] | None = None) -> dict[str, CommitRecord]:
    """The record of each transaction, read from what nodes noted.

    A node says ``self.log("T1: vote yes")`` before it sends its vote, and ``self.log("T1: decide commit")``; the name
    of the transaction has no space in it. Failures are the journal's crashes, faults, pauses and dropped messages. (A
    message that is only late is none: a coordinator whose timeout is shorter than the longest latency breaks AC4.)

    Parameters
    ----------
    journal : Journal
    participants : iterable of str, optional
        Who votes on every transaction; by default who voted on it. (Then a participant that never got as far as to
        vote is not missed.)
    """
    events = journal.of("note", "crash", "restart", "pause", "resume", "fault", "drop")
    steps: dict[str, list[Step]] = {}
    for event in events:
        found = _NOTE.fullmatch(event.detail.get("text", "")) if event.kind == "note" else None
        if found:
            step = Step(event.node, found["vote"] or found["decision"], event.time, event.index)
            steps.setdefault(found["transaction"], []).append(step)
    wrong = [event for event in events if event.kind != "note"]
    lasting = [window for window in journal.windows() if window.end is None]
    end = journal[-1].time if len(journal) else 0.0
    words = ", ".join(_words(window) for window in lasting)
    known = None if participants is None else tuple(participants)
    return {name: CommitRecord(known or _voters(own), tuple(own), bool(wrong), words,
                               end - max(e.time for e in (*wrong[-1:], own[-1])), name)
            for name, own in steps.items()}


def _words(window) -> str:
    return f"{window.kind} of {' '.join(window.nodes)}" if window.kind in ("crash", "pause") else window.fault


def _voters(steps: Sequence[Step]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(s.process for s in steps if s.what in VOTES))


def atomic_commitment(subject: Any, *, participants: Iterable[str] | None = None, patience: float = 0.0) -> Verdict:
    """Judge one transaction, or all of a run, by AC1 to AC5.

    Parameters
    ----------
    subject : CommitRecord, Journal, Run or Cluster
        A journal is read by `commit_records`. As a judge of a sweep it needs the runs' journals:
        ``sweep(experiment, judge=atomic_commitment, journal=True)``.
    participants : iterable of str, optional
        For a journal: who votes.
    patience : float
        Milliseconds for which all must have been well before AC5 asks for a decision. 0 where a run goes on until
        nothing is under way any more.

    Returns
    -------
    Verdict
        ``violated`` names the condition; so does `anomalies`. ``ok`` with ``blocked`` in `anomalies`: a participant
        voted yes and waits, while a failure lasts. ``unknown``: somebody is undecided, and the record ends before
        it was well for `patience` milliseconds; or no note tells of a transaction.

    Raises
    ------
    TypeError
        If there is no journal in what was given.

    References
    ----------
    Bernstein, Hadzilacos and Goodman, "Concurrency Control and Recovery in Database Systems", Addison-Wesley 1987,
    section 7.3 (the problem) and 7.4 (two-phase commit, and blocking).

    Examples
    --------
    >>> steps = (Step("n1", "yes"), Step("n2", "yes"), Step("n1", "commit"))
    >>> print(atomic_commitment(CommitRecord(("n1", "n2"), (*steps, Step("n2", "abort")), failures=True)))
    violated: AC1: n1 decided commit, n2 decided abort
    >>> print(atomic_commitment(CommitRecord(("n1", "n2"), steps, failures=True, lasting="crash of n1")))
    ok: n2 is blocked: it voted yes and does not know the decision (crash of n1)
    """
    if isinstance(subject, CommitRecord):
        return _judge(subject, patience)
    journal = subject if isinstance(subject, Journal) else getattr(subject, "journal", None)
    if not isinstance(journal, Journal):
        raise TypeError(f"atomic_commitment needs a run, its journal or a CommitRecord, not {type(subject).__name__}")
    records = commit_records(journal, participants=participants)
    verdicts = [_judge(record, patience) for record in records.values()]
    if not verdicts:
        why = ("nobody noted as much as 'T1: vote yes' or 'T1: decide commit'" if len(journal) else
               "the journal is empty: was one kept (journal=True)?")
        return _verdict(UNKNOWN, why)
    for status in (VIOLATED, UNKNOWN):
        for name, verdict in zip(records, verdicts, strict=True):
            if verdict.status == status:
                return _verdict(status, f"{name}: {verdict.explanation}", verdict.witness, verdict.anomalies)
    held = f"AC1 to AC5 hold for {plural(len(verdicts), 'transaction')}"
    blocked = [(name, verdict) for name, verdict in zip(records, verdicts, strict=True) if verdict.anomalies]
    for name, verdict in blocked:
        return _verdict(OK, f"{held}, {len(blocked)} of them blocked: in {name} {verdict.explanation}", verdict.witness,
                        verdict.anomalies)
    return _verdict(OK, held)


def outcome(record: CommitRecord) -> str:
    """In one word: ``commit``, ``abort``, ``blocked`` (somebody is in doubt), ``undecided`` or ``violated``.

    >>> outcome(CommitRecord(("n1",), (Step("n1", "yes"), Step("n1", "commit"))))
    'commit'
    """
    verdict = _judge(record, 0.0)
    if verdict.status == VIOLATED:
        return "violated"
    if "blocked" in verdict.anomalies:
        return "blocked"
    return record.decisions()[0].what if record.decisions() else "undecided"


def _verdict(status: str, explanation: str, witness: Witness | None = None, anomalies: tuple = ()) -> Verdict:
    return Verdict(status, explanation, "atomic-commitment", witness, anomalies)


def _judge(record: CommitRecord, patience: float) -> Verdict:
    for name, rule in _RULES.items():
        broken = rule(record)
        if broken:
            sentence, steps = broken
            return _verdict(VIOLATED, f"{name}: {sentence}", _witness(steps), (name,))
    waiting = [p for p in record.participants if not record.decisions(p)]
    if not waiting:
        return _verdict(OK, f"all {len(record.participants)} participants decided {_decided(record)}")
    return _undecided(record, waiting, patience)


def _undecided(record: CommitRecord, waiting: list[str], patience: float) -> Verdict:
    in_doubt = [p for p in waiting if [s.what for s in record.votes(p)][-1:] == ["yes"]]
    who = (in_doubt or waiting)[0]
    vote = record.votes(who)[-1:]
    if record.lasting and in_doubt:
        return _verdict(OK, f"{who} is blocked: it voted yes and does not know the decision ({record.lasting})",
                        _witness(vote), ("blocked",))
    if record.lasting:
        return _verdict(OK, f"{who} has not decided, and nothing holds it to yes ({record.lasting})", _witness(vote))
    if record.quiet < patience:
        return _verdict(UNKNOWN, f"{who} has not decided, and all has been well for {record.quiet:g} ms only",
                        _witness(vote))
    voted = f"voted {vote[0].what}" if vote else "did not vote"
    return _verdict(VIOLATED, f"AC5: {who} {voted} and never decided, although all is well", _witness(vote), ("AC5",))


def _decided(record: CommitRecord) -> str:
    return record.decisions()[0].what


def _same_decision(record: CommitRecord) -> tuple[str, list[Step]] | None:
    first = record.decisions()[:1]
    # A process that contradicts itself breaks AC2, and is told as that.
    other = [s for s in record.decisions() if s.what != first[0].what and s.process != first[0].process]
    return (f"{first[0]}, {other[0]}", [first[0], other[0]]) if other else None


def _no_reversal(record: CommitRecord) -> tuple[str, list[Step]] | None:
    for process in dict.fromkeys(s.process for s in record.steps):
        own = record.decisions(process)
        other = [s for s in own if s.what != own[0].what]
        if other:
            return f"{own[0]} and later {other[0].what}", [own[0], other[0]]
    return None


def _commit_needs_all(record: CommitRecord) -> tuple[str, list[Step]] | None:
    for i, step in enumerate(record.steps):
        if step.what == "commit":
            for process in record.participants:
                votes = [s for s in record.steps[:i] if s.process == process and s.what in VOTES]
                if not votes:
                    return f"{step}, and {process} had not voted", [step]
                if any(vote.what == "no" for vote in votes):
                    return f"{step}, and {process} had voted no", [next(v for v in votes if v.what == "no"), step]
    return None


def _all_yes_commits(record: CommitRecord) -> tuple[str, list[Step]] | None:
    votes = [record.votes(p)[:1] for p in record.participants]
    aborts = [s for s in record.decisions() if s.what == "abort"]
    if record.failures or not aborts or not all(v and v[0].what == "yes" for v in votes):
        return None
    return f"{aborts[0]}, although all voted yes and nothing failed", [*(v[0] for v in votes), aborts[0]]


_RULES = {"AC2": _no_reversal, "AC1": _same_decision, "AC3": _commit_needs_all, "AC4": _all_yes_commits}


def _witness(steps: Iterable[Step]) -> Witness | None:
    events = tuple(sorted(s.event for s in steps if s.event is not None))
    return Witness(events=events) if events else None
