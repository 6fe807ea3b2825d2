"""Clients that add to counters and read them."""

from __future__ import annotations

from collections.abc import Sequence

from splitbrain.workloads.plan import Check, Workload
from splitbrain.workloads.turns import Turns


def counter(*, clients: int = 3, ops: int = 60, keys: int | Sequence = 1, reads: float = 0.5,
            amounts: Sequence[int] = (1, 2, 3, 4, 5), check: Check = "counter", every: float = 60.0,
            start: float = 0.0, seed: int = 0) -> Workload:
    """Plan additions to counters, and reads.

    The handlers are ``add(key, amount)`` and ``read(key)``, which answers the sum. Initially a counter is 0. `amounts`
    are what is added, each as often as the others; some may be negative. All else is as for `register`.

    Examples
    --------
    >>> for operation in counter(clients=2, ops=3).operations:
    ...     print(operation)
    at 24.296 ms c2 asks add('x', 3)
    at 50.665 ms c1 asks add('x', 2)
    at 114.487 ms c1 asks add('x', 4)
    """
    turns = Turns("counter", clients=clients, ops=ops, keys=keys, every=every, start=start, seed=seed, reads=reads)

    def ask(client: str, kind: float, which: float, amount: float) -> tuple:
        key = turns.key(which)
        return ("read", key, None) if kind < reads else ("add", key, amounts[int(amount * len(amounts))])

    return turns.take(ask, draws=3).workload(check)
