"""Clients that put, get and append to strings under a few keys. What was done, and in which order, can be read."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from splitbrain.workloads.plan import Check, Workload
from splitbrain.workloads.turns import Turns


def kv(*, clients: int = 3, ops: int = 60, keys: int | Sequence = 1, reads: float = 0.4, appends: float = 0.5,
       check: Check = "kv", every: float = 60.0, start: float = 0.0, seed: int = 0) -> Workload:
    """Plan gets, puts and appends of strings.

    The handlers are ``get(key)``, ``put(key, text)`` and ``append(key, text)``. Initially a key holds ``""``. All texts
    are distinct, and none is part of another: a get tells every append since the last put, and their order.

    `reads` and `appends` are shares of all operations; the rest are puts. All else is as for `register`.

    Examples
    --------
    >>> for operation in kv(clients=2, ops=3).operations:
    ...     print(operation)
    at 30.676 ms c2 asks append('x', '(2)')
    at 50.665 ms c1 asks append('x', '(1)')
    at 88.596 ms c1 asks append('x', '(3)')
    """
    turns = Turns("kv", clients=clients, ops=ops, keys=keys, every=every, start=start, seed=seed,
                  reads=reads, appends=appends)
    numbers = count(1)

    def ask(client: str, kind: float, which: float) -> tuple:
        if kind < reads:
            return "get", turns.key(which), None
        return "append" if kind < reads + appends else "put", turns.key(which), f"({next(numbers)})"

    return turns.take(ask).workload(check)
