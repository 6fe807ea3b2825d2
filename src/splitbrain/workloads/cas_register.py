"""Clients that compare and set: write a new value only where the old one is still there."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from splitbrain.workloads.plan import Check, Workload
from splitbrain.workloads.turns import Turns


def cas_register(*, clients: int = 3, ops: int = 60, keys: int | Sequence = 1, reads: float = 0.25, cas: float = 0.5,
                 check: Check = "cas-register", every: float = 60.0, start: float = 0.0, seed: int = 0) -> Workload:
    """Plan gets, puts and compare-and-sets of registers.

    As `register`, with one handler more: ``cas(key, old, new)`` answers True if the key held `old` and now holds
    `new`, and False if it held something else. Every new value is a different one. The old one is one of the last two
    that were planned for the key, so that some succeed, and now and then two want to replace the same value.

    `reads` and `cas` are shares of all operations; the rest are puts.

    Examples
    --------
    >>> for operation in cas_register(clients=2, ops=4).operations:
    ...     print(operation)
    at 24.296 ms c2 asks put('x', 2)
    at 50.665 ms c1 asks put('x', 1)
    at 75.03 ms c2 asks put('x', 4)
    at 114.487 ms c1 asks cas('x', 2, 3)
    """
    turns = Turns("cas_register", clients=clients, ops=ops, keys=keys, every=every, start=start, seed=seed,
                  reads=reads, cas=cas)
    values = count(1)
    recent = {key: [None, None] for key in turns.keys}

    def ask(client: str, kind: float, which: float, old: float) -> tuple:
        key = turns.key(which)
        if kind < reads:
            return "get", key, None
        new, held = next(values), recent[key][int(old * 2)]
        recent[key] = [recent[key][1], new]
        return ("cas", key, (held, new)) if kind < reads + cas else ("put", key, new)

    return turns.take(ask, draws=3).workload(check)
