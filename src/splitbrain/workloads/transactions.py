"""Clients that ask for transactions on a few keys: lists that are appended to, or registers that are written."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from random import Random

from splitbrain.workloads.plan import Planned, Workload

_DRAWS = 8  # of micro-operations, for every transaction: whatever its length, the next one's draws stay where they are


def append(*, clients: int = 3, ops: int = 60, keys: int | Sequence = 3, reads: float = 0.5, longest: int = 4,
           appends: int = 0, every: float = 60.0, start: float = 0.0, seed: int = 0) -> Workload:
    """Plan transactions that append to lists and read them, to be judged by ``list-append``.

    Each is asked of a handler ``txn`` with one argument, a list of ``["append", key, value]`` and ``["r", key, None]``,
    and is answered by the same list with the lists that were read in it. A list shows the whole order in which it
    was appended to, so that the checker sees far more than in registers. All values of a key are different.

    Parameters
    ----------
    clients : int
        How many clients, named c1, c2, ...; the home of the first is the cluster's first node, and so on round.
    ops : int
        How many transactions in all. A longer plan has those of the shorter one, and more.
    keys : int or sequence
        How many keys are in use at a time, or their names (only without `appends`).
    reads : float
        The share of reads among micro-operations, between 0 and 1.
    longest : int
        A transaction has from 1 to so many micro-operations, at most 8.
    appends : int
        A key that was appended to so many times gives way to a fresh one: lists stay short in long runs. 0: never.
    every : float
        Milliseconds from one transaction of a client to its next, on average.
    start : float
        Milliseconds before the first span begins.
    seed : int
        The same seed gives the same plan on every Python.

    Raises
    ------
    ValueError
        If there is no client, no key, no time between transactions, or `reads` is not a share.

    Examples
    --------
    >>> print(append(clients=2, ops=2).operations[1])
    at 54.13 ms c2 asks txn([['append', 'z', 2], ['r', 'x', None]])
    """
    return _plan("append", "list-append", clients, ops, keys, reads, longest, appends, every, start, seed)


def rw_register(*, clients: int = 3, ops: int = 60, keys: int | Sequence = 3, reads: float = 0.5, longest: int = 4,
                writes: int = 0, every: float = 60.0, start: float = 0.0, seed: int = 0) -> Workload:
    """Plan transactions that write registers and read them, to be judged by ``rw-register``.

    As `append`, but for ``["w", key, value]``, and with registers that are initially None. What was overwritten leaves
    no trace in what is read, so the checker sees less; what it reports is there all the same.

    Examples
    --------
    >>> print(rw_register(clients=2, ops=2).operations[1])
    at 54.13 ms c2 asks txn([['w', 'z', 2], ['r', 'x', None]])
    """
    return _plan("w", "rw-register", clients, ops, keys, reads, longest, writes, every, start, seed)


def _plan(write: str, check: str, clients: int, ops: int, keys: int | Sequence, reads: float, longest: int,
          limit: int, every: float, start: float, seed: int) -> Workload:
    names = _names(keys)
    if clients < 1 or ops < 0 or not names or every <= 0 or not 0 <= reads <= 1 or not 1 <= longest <= _DRAWS:
        raise ValueError(f"transactions need at least one client, one key, every > 0, 0 <= reads <= 1 and from 1 to "
                         f"{_DRAWS} micro-operations; got clients={clients}, ops={ops}, keys={keys!r}, every={every}, "
                         f"reads={reads}, longest={longest}")
    draw = Random(seed).random
    pool = _Keys(names, limit)
    planned = []
    for i in range(ops):
        moment, size, salt = draw(), draw(), draw()
        drawn = [(draw(), draw()) for _ in range(_DRAWS)]
        turn, client = divmod(i, clients)
        mops = [["r", pool.at(where), None] if kind < reads else [write, *pool.write(where)]
                for kind, where in drawn[:1 + int(size * longest)]]
        at = round(start + (turn + moment) * every, 3)
        planned.append(Planned(at, f"c{client + 1}", client, "txn", None, mops, int(salt * 2**53)))
    return Workload(check, tuple(sorted(planned, key=lambda o: o.at)), check)


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


def _names(keys: int | Sequence) -> Sequence:
    if not isinstance(keys, int):
        return tuple(keys)
    return ("x", "y", "z")[:keys] if keys <= 3 else tuple(f"k{i + 1}" for i in range(keys))
