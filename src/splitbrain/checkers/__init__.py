"""Checkers: a history goes in, a verdict comes out. They know only `splitbrain.records`."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import partial
from typing import Any

from splitbrain.checkers.availability import availability
from splitbrain.checkers.bank import bank
from splitbrain.checkers.commit import atomic_commitment
from splitbrain.checkers.convergence import convergence, divergence
from splitbrain.checkers.counters import counter
from splitbrain.checkers.linearizability import linearizability
from splitbrain.checkers.models import ANY, MODELS, Model
from splitbrain.checkers.queue_order import producer_order
from splitbrain.checkers.queues import total_queue, unordered_queue
from splitbrain.checkers.sequential import sequential_consistency
from splitbrain.checkers.sessions import (
    every_session_guarantee,
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
           "dependencies", "divergence", "every_session_guarantee", "grow_only_set", "judge", "linearizability",
           "monotonic_reads", "monotonic_writes", "producer_order", "read_your_writes", "sequential_consistency",
           "session_guarantees", "staleness", "total_queue", "transactions", "unordered_queue", "writes_follow_reads"]

CHECKERS: dict[str, Callable[..., Verdict]] = {
    "linearizability": linearizability,
    "sequential-consistency": sequential_consistency,
    "read-your-writes": read_your_writes,
    "monotonic-reads": monotonic_reads,
    "monotonic-writes": monotonic_writes,
    "writes-follow-reads": writes_follow_reads,
    "session-guarantees": every_session_guarantee,
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
CHECKERS |= {name: partial(linearizability, model=name) for name in MODELS}


def judge(check: str | Callable[[History], Verdict], history: History) -> Verdict:
    """Let a checker judge a history: one of `CHECKERS` by its name, or a function of your own.

    Parameters
    ----------
    check : str or function of a History, giving a Verdict
        A name may bring options of its checker, as plain values: ``"staleness(ms=50)"``.
    history : History

    Raises
    ------
    ValueError
        If no checker has this name, or the options cannot be read.
    TypeError
        If the checker has no such option.

    Examples
    --------
    >>> print(judge("fifo-queue", History()))
    ok: one order of the 0 operations explains every answer
    >>> print(judge("sequential-consistency(model='kv')", History()))
    ok: one order of the 0 operations, true to each process, explains every answer
    """
    if callable(check):
        return check(history)
    name, options = _named(check)
    if name not in CHECKERS:
        raise ValueError(f"there is no checker {name!r}; there are {', '.join(sorted(CHECKERS))}")
    return CHECKERS[name](history, **options)


def _named(check: str) -> tuple[str, dict[str, Any]]:
    """The name and the options; the text reads as a call, but is never run as one."""
    name, bracket, rest = check.partition("(")
    try:
        call = ast.parse(f"f({rest}" if bracket else "f()", mode="eval").body
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and not call.args:
            return name, {option.arg or "**": ast.literal_eval(option.value) for option in call.keywords}
    except (SyntaxError, ValueError):
        pass  # said below
    raise ValueError(f"{check!r} is no checker: write 'staleness', or with options 'staleness(ms=50)'")
