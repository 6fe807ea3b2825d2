"""Checkers: a history goes in, a verdict comes out. They know only `splitbrain.records`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from splitbrain.checkers.convergence import convergence, divergence
from splitbrain.checkers.linearizability import linearizability
from splitbrain.checkers.models import ANY, MODELS, Model
from splitbrain.checkers.transactions import WORKLOADS, dependencies, transactions
from splitbrain.records import History, Verdict

__all__ = ["ANY", "CHECKERS", "MODELS", "Model", "convergence", "dependencies", "divergence", "judge",
           "linearizability", "transactions"]

CHECKERS: dict[str, Callable[[History], Verdict]] = {"linearizability": linearizability}
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
