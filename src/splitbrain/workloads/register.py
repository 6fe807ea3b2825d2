"""Clients that put and get values of a few keys, each key a register. Every value that is put is a different one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from splitbrain.workloads.plan import Check, Workload
from splitbrain.workloads.turns import Turns


def register(*, clients: int = 3, ops: int = 60, keys: int | Sequence = 1, reads: float = 0.5,
             check: Check = "linearizability", every: float = 60.0, start: float = 0.0, seed: int = 0) -> Workload:
    """Plan puts and gets of registers.

    The clients take turns; each asks for one thing in every span of `every` milliseconds, at a moment drawn for
    it, so that operations of different clients overlap now and then. All values put are distinct: with
    repeated values a stale answer can pass for a fresh one, and the checker has far more to search.

    The handlers are ``put(key, value)`` and ``get(key)``.

    Parameters
    ----------
    clients : int
        How many clients, named c1, c2, ...; the home of the first is the cluster's first node, and so on round.
    ops : int
        How many operations in all. A longer plan has those of the shorter one, and more.
    keys : int or sequence
        How many keys (x, y, z; beyond three: k1, k2, ...), or their names. Initially a key holds None.
    reads : float
        The share of gets, between 0 and 1.
    check : str or function of a History, giving a Verdict
        Who judges: see `splitbrain.workloads.Workload`. ``"sequential-consistency"``, ``"session-guarantees"`` or one
        of the four, ``"staleness(ms=50)"`` and ``"availability"`` judge this history, too.
    every : float
        Milliseconds from one operation of a client to its next, on average.
    start : float
        Milliseconds before the first span begins.
    seed : int
        The same seed gives the same plan on every Python.

    Raises
    ------
    ValueError
        If there is no client, no key, no time between operations, or `reads` is not a share.

    Examples
    --------
    >>> plan = register(clients=2, ops=3)
    >>> for operation in plan.operations:
    ...     print(operation)
    at 30.676 ms c2 asks get('x')
    at 50.665 ms c1 asks put('x', 1)
    at 88.596 ms c1 asks put('x', 2)
    """
    turns = Turns("register", clients=clients, ops=ops, keys=keys, every=every, start=start, seed=seed, reads=reads)
    values = count(1)

    def ask(client: str, kind: float, which: float) -> tuple:
        return ("get", turns.key(which), None) if kind < reads else ("put", turns.key(which), next(values))

    return turns.take(ask).workload(check)
