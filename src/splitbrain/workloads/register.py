"""Clients that put and get values of a few keys, each key a register. Every value that is put is a different one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from random import Random

from splitbrain.workloads.plan import Planned, Workload


def register(
    *,
    clients: int = 3,
    ops: int = 60,
    keys: int | Sequence = 1,
    reads: float = 0.5,
    every: float = 60.0,
    start: float = 0.0,
    seed: int = 0,
) -> Workload:
    """Plan puts and gets of registers, to be judged by `splitbrain.checkers.linearizability`.

    The clients take turns; each asks for one thing in every span of `every` milliseconds, at a moment drawn for
    it, so that operations of different clients overlap now and then. All values put are distinct: with
    repeated values a stale answer can pass for a fresh one, and the checker has far more to search.

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
    names = _names(keys)
    if clients < 1 or ops < 0 or not names or every <= 0 or not 0 <= reads <= 1:
        raise ValueError(f"register() needs at least one client, one key, every > 0 and 0 <= reads <= 1; got "
                         f"clients={clients}, ops={ops}, keys={keys!r}, every={every}, reads={reads}")
    draw = Random(seed).random
    # Four draws an operation, needed or not: so a change of one parameter leaves the others' draws where they are.
    drawn = [(draw(), draw(), draw(), draw()) for _ in range(ops)]
    values = count(1)
    planned = []
    for i, (moment, kind, which, salt) in enumerate(drawn):
        turn, client = divmod(i, clients)
        f, value = ("get", None) if kind < reads else ("put", next(values))
        at = round(start + (turn + moment) * every, 3)
        key = names[int(which * len(names))]
        planned.append(Planned(at, f"c{client + 1}", client, f, key, value, int(salt * 2**53)))
    return Workload("register", tuple(sorted(planned, key=lambda o: o.at)), "linearizability")


def _names(keys: int | Sequence) -> Sequence:
    if not isinstance(keys, int):
        return tuple(keys)
    return ("x", "y", "z")[:keys] if keys <= 3 else tuple(f"k{i + 1}" for i in range(keys))
