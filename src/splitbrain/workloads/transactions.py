"""Clients that ask for transactions on a few keys: lists that are appended to, or registers that are written."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

from splitbrain.workloads.plan import Check, Workload
from splitbrain.workloads.turns import Turns

_DRAWS = 8  # of micro-operations, for every transaction: whatever its length, the next one's draws stay where they are


def append(*, clients: int = 3, ops: int = 60, keys: int | Sequence = 3, reads: float = 0.5, longest: int = 4,
           appends: int = 0, check: Check = "list-append", every: float = 60.0, start: float = 0.0,
           seed: int = 0) -> Workload:
    """Plan transactions that append to lists and read them.

    Each is asked of a handler ``txn`` with one argument, a list of ``["append", key, value]`` and ``["r", key, None]``,
    and is answered by the same list with the lists that were read in it. A list shows the whole order in which it
    was appended to, so that the checker sees far more than in registers. All values of a key are different.

    Parameters
    ----------
    keys : int or sequence
        How many keys are in use at a time, or their names (only without `appends`).
    reads : float
        The share of reads among micro-operations, between 0 and 1.
    longest : int
        A transaction has from 1 to so many micro-operations, at most 8.
    appends : int
        A key that was appended to so many times gives way to a fresh one: lists stay short in long runs. 0: never.
    clients, ops, check, every, start, seed
        As for `splitbrain.workloads.register`; `ops` are transactions.

    Raises
    ------
    ValueError
        If there is no client, no key, no time between transactions, or `reads` is not a share.

    Examples
    --------
    >>> print(append(clients=2, ops=2).operations[1])
    at 54.13 ms c2 asks txn([['append', 'z', 1], ['append', 'y', 2]])
    """
    return _plan("append", "append", longest, appends, clients=clients, ops=ops, keys=keys, reads=reads, check=check,
                 every=every, start=start, seed=seed)


def rw_register(*, clients: int = 3, ops: int = 60, keys: int | Sequence = 3, reads: float = 0.5, longest: int = 4,
                writes: int = 0, check: Check = "rw-register", every: float = 60.0, start: float = 0.0,
                seed: int = 0) -> Workload:
    """Plan transactions that write registers and read them.

    As `append`, but for ``["w", key, value]``, and with registers that are initially None. What was overwritten leaves
    no trace in what is read, so the checker sees less; what it reports is there all the same.

    Examples
    --------
    >>> print(rw_register(clients=2, ops=2).operations[1])
    at 54.13 ms c2 asks txn([['w', 'z', 1], ['w', 'y', 2]])
    """
    return _plan("w", "rw_register", longest, writes, clients=clients, ops=ops, keys=keys, reads=reads, check=check,
                 every=every, start=start, seed=seed)


def _plan(write: str, name: str, longest: int, limit: int, *, reads: float, check: Check, **turns_of: Any) -> Workload:
    turns = Turns(name, reads=reads, **turns_of)
    if not 1 <= longest <= _DRAWS:
        raise ValueError(f"{name}() needs transactions of 1 to {_DRAWS} micro-operations; got longest={longest}")
    pool = _Keys(turns.keys, limit)

    def ask(client: str, size: float, *drawn: float) -> tuple:
        some = 2 * (1 + int(size * longest))
        return "txn", None, [["r", pool.at(where), None] if kind < reads else [write, *pool.write(where)]
                             for kind, where in zip(drawn[:some:2], drawn[1:some:2], strict=True)]

    return turns.take(ask, draws=1 + 2 * _DRAWS).workload(check)


class _Keys:
    """The keys in use, each with the next value to write, and fresh ones to follow those that are full."""

    def __init__(self, names: Sequence, limit: int):
        self._names, self._limit = list(names), limit
        self._next = [1] * len(self._names)
        self._fresh = count(len(self._names) + 1)

    def at(self, where: float):
        return self._names[int(where * len(self._names))]

    def write(self, where: float) -> tuple:
        """A key, and a value that was not yet written to it."""
        place = int(where * len(self._names))
        key, value = self._names[place], self._next[place]
        self._next[place] += 1
        if value == self._limit:
            self._names[place], self._next[place] = f"k{next(self._fresh)}", 1
        return key, value
