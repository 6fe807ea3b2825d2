"""Checkers: a history goes in, a verdict comes out. They know only `splitbrain.records`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from splitbrain.checkers.availability import availability
from splitbrain.checkers.bank import bank
from splitbrain.checkers.commit import atomic_commitment
from splitbrain.checkers.convergence import convergence, divergence
from splitbrain.checkers.counters import counter
from splitbrain.checkers.linearizability import linearizability
from splitbrain.checkers.models import ANY, MODELS, Model
from splitbrain.checkers.queues import producer_order, total_queue, unordered_queue
from splitbrain.checkers.sequential import sequential_consistency
from splitbrain.checkers.sessions import (
    monotonic_reads,
    monotonic_writes,
    read_your_writes,
    session_guarantees,
    writes_follow_reads,
)
from splitbrain.checkers.sets import grow_only_set
from splitbrain.checkers.staleness import staleness
from splitbrain.checkers.transactions import WORKLOADS, dependencies, transactions
from splitbrain.records import History, Verdict

__all__ = ["ANY", "CHECKERS", "MODELS", "Model", "atomic_commitment", "availability", "bank", "convergence", "counter",
           "dependencies", "divergence", "grow_only_set", "judge", "linearizability", "monotonic_reads",
           "monotonic_writes", "producer_order", "read_your_writes", "sequential_consistency", "session_guarantees",
           "staleness", "total_queue", "transactions", "unordered_queue", "writes_follow_reads"]

CHECKERS: dict[str, Callable[[History], Verdict]] = {
    "linearizability": linearizability,
    "sequential-consistency": sequential_consistency,
    "read-your-writes": read_your_writes,
    "monotonic-reads": monotonic_reads,
    "monotonic-writes": monotonic_writes,
    "writes-follow-reads": writes_follow_reads,
    "total-queue": total_queue,
    "unordered-queue": unordered_queue,
    "producer-order": producer_order,
    "counter": counter,
    "set": grow_only_set,
    "bank": bank,
    "staleness": staleness,
    "availability": availability,
}
CHECKERS |= {name: partial(transactions, workload=name) for name in WORKLOADS}


def judge(check: str | Callable[[History], Verdict], history: History) -> Verdict:
    """Let a checker judge a history: one of `CHECKERS` by its name, or a function of your own.

    Raises
    ------
    ValueError
        If no checker has this name.

    Examples
    --------
    >>> print(judge("linearizability", History()))
    ok: one order of the 0 operations explains every answer
    """
    if callable(check):
        return check(history)
    if check not in CHECKERS:
        raise ValueError(f"there is no checker {check!r}; there are {', '.join(sorted(CHECKERS))}")
    return CHECKERS[check](history)
