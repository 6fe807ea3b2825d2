"""Nodes with one plausible mistake each are caught, and the sentence names the operations that show it."""

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from broken_nodes import (
    AddsAgain,
    AnyoneReleases,
    AsksAnyone,
    CountersInMemory,
    CountsForIds,
    GivesOutTheNumber,
    LocksInMemory,
    Overdraws,
    QueueInMemory,
    SetOfTexts,
    SetsOfTheirOwn,
    Stack,
    StaleRegisters,
    StaleStrings,
    TearsAcquire,
    TearsAdd,
    TearsAppend,
    TearsCas,
    TearsDequeue,
    TearsSet,
    TearsTransfer,
    TwoTransactions,
    WritesThenCompares,
)
from right_nodes import Bank, runs

from splitbrain import Node, at, crash, restart, workloads
from splitbrain.faults import loss

RESTART = [at(700, crash("n1")), at(720, restart("n1"))]
LOSSY = [at(0, loss(0.15))]


@dataclass(frozen=True)
class Broken:
    """A mistake, what asks for it, and what is said of it."""

    node: type[Node]
    workload: str
    says: str
    faults: list = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)

    def __str__(self):
        return f"{self.node.__name__} {self.options.get('check', '')}"


LATER = r" after c\d had .*, and nothing that may have come between explains it"
TOGETHER = r", which no order true to real time explains together with: c\d .*"
NO_ORDER = rf"({LATER}|{TOGETHER}|, which no order of the operations explains)"
STALE = r"c\d read x = .* after c\d had written x = \d+(, although c\d had written x = \d+ before that)?"
BEHIND = r"c\d read x = .*, \d versions? and [\d.]+ ms behind: c\d had written x = \d+.*"
BACK = r"c\d read x = .* after it (read|wrote) x = \d+.*"
LOST = r"\d+ messages? lost: c\d called enqueue\('x', \d+\), was told ok, and it never came out.*"
GONE = r"\d+ elements? lost: c\d called add\('x', \d+\) and was told ok, but c\d read x = \[.*"
SUM = r"c\d read \{.*\}: a total of \d+, where it was \d+ when c\d read \{.*\}"
OVERDRAWN = r"c\d read \{.*\}: account '[xyz]' is overdrawn"

TOO_LITTLE = r"c\d read x = \d+, but at least \d+ had been added by then: c\d called add\('x', \d+\).*"
BROKEN = [
    Broken(TearsCas, "cas_register", rf"c\d (called cas\('x', (\d+|None), \d+\) -> True|read x = \d+){NO_ORDER}"),
    Broken(WritesThenCompares, "cas_register", rf"c\d (called cas\(.*\) -> (True|False)|read x = \d+){NO_ORDER}"),
    Broken(StaleRegisters, "register", STALE),
    Broken(StaleRegisters, "register", BACK + r" \(read-your-writes\)", options={"check": "session-guarantees"}),
    Broken(StaleRegisters, "register", BACK, options={"check": "read-your-writes"}),
    Broken(AsksAnyone, "register", BACK, options={"check": "monotonic-reads", "reads": 0.8, "every": 15}),
    Broken(StaleRegisters, "register", BEHIND, options={"check": "staleness(ms=10)"}),
    Broken(TearsAppend, "kv", rf"c\d read x = '.*'{NO_ORDER}"),
    Broken(StaleStrings, "kv", rf"c\d read x = '.*'{NO_ORDER}"),
    Broken(LocksInMemory, "mutex", rf"c(\d) called acquire\('x', 'c\1'\) -> True{NO_ORDER}", RESTART),
    Broken(TearsAcquire, "mutex", rf"c(\d) called acquire\('x', 'c\1'\) -> True{NO_ORDER}"),
    Broken(AnyoneReleases, "mutex", rf"c(\d) called release\('x', 'c\1'\){NO_ORDER}"),
    Broken(QueueInMemory, "queue", LOST, RESTART),
    Broken(CountsForIds, "queue", LOST),
    Broken(GivesOutTheNumber, "queue", LOST + r"; \d+ messages unexpected: c\d called dequeue\('x'\) -> \d+, .*"),
    Broken(TearsDequeue, "queue", r"c\d called dequeue\('x'\) -> (\d+), but by then \1 had gone in 1 time "
           r"\(c\d\) and come out \d times \(c\d(, c\d)*\)",
           options={"check": "unordered-queue"}),
    Broken(Stack, "queue", r"c\d enqueued (\d+) and after it (\d+), but \2 was delivered to c\d before \1 was .*",
           options={"check": "producer-order"}),
    Broken(Stack, "queue", rf"c\d called dequeue\('x'\) -> \d+{NO_ORDER}", options={"check": "fifo-queue"}),
    Broken(TearsAdd, "counter", TOO_LITTLE),
    Broken(AddsAgain, "counter", r"c\d read x = \d+, but at most \d+ can have been added by then", LOSSY),
    Broken(CountersInMemory, "counter", TOO_LITTLE, RESTART),
    Broken(TearsSet, "grow_only_set", GONE),
    Broken(SetsOfTheirOwn, "grow_only_set", GONE, LOSSY),
    Broken(SetOfTexts, "grow_only_set", GONE + r"; \d+ elements unexpected: .*, and nobody added '\d+'"),
    Broken(TwoTransactions, "bank", rf"{SUM}|{OVERDRAWN}"),
    Broken(TearsTransfer, "bank", rf"{SUM}|{OVERDRAWN}"),
    Broken(Overdraws, "bank", OVERDRAWN),
]


@pytest.mark.parametrize("broken", BROKEN, ids=str)
def test_a_broken_node_is_caught(broken):
    workload = partial(getattr(workloads, broken.workload), **broken.options)
    verdicts = [run.verdict for run in runs(broken.node, workload, faults=broken.faults)]
    caught = [verdict for verdict in verdicts if verdict.status == "violated"]
    assert len(caught) >= 5
    for verdict in caught:
        assert re.fullmatch(broken.says, verdict.explanation), verdict
        assert verdict.witness.operations


@pytest.mark.parametrize("broken", [b for b in BROKEN if b.faults or b.options], ids=str)
def test_the_same_node_without_the_mistake_is_not(broken):
    right = next(kind for kind in broken.node.__mro__ if kind.__module__ == "right_nodes")
    workload = partial(getattr(workloads, broken.workload), **broken.options)
    statuses = Counter(run.verdict.status for run in runs(right, workload, faults=broken.faults))
    assert statuses["ok"] >= 5 and not statuses["violated"]


@pytest.mark.parametrize(("node", "more"), [(Stack, ""), (TearsDequeue, r"; \d+ messages duplicated \(.*\)")])
def test_a_queue_may_reorder_and_repeat_unless_more_is_asked(node, more):
    verdicts = [run.verdict for run in runs(node, workloads.queue)]
    fine = [verdict for verdict in verdicts if verdict.status == "ok"]
    assert len(fine) >= 5 and not any(verdict.status == "violated" for verdict in verdicts)
    for verdict in fine:
        assert re.fullmatch(rf"every acknowledged message came out .*, and nothing else{more}", verdict.explanation)


@pytest.mark.parametrize(("total", "says"), [(30, r"ok: each of the \d+ reads finds a total of 30"),
                                             (31, r"violated: c\d read \{.*\}: a total of 30, not 31")])
def test_a_total_that_is_known_is_asked_for(total, says):
    run = next(runs(Bank, partial(workloads.bank, total=total)))
    assert re.fullmatch(says, str(run.verdict))
