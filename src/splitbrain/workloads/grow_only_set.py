"""Clients that add elements to one set, and at the end look what is in it."""

from __future__ import annotations

from itertools import count

from splitbrain.workloads.plan import Check, Workload
from splitbrain.workloads.turns import Turns


def grow_only_set(*, clients: int = 3, ops: int = 60, reads: float = 0.2, settle: float = 500.0, check: Check = "set",
                  every: float = 60.0, start: float = 0.0, seed: int = 0) -> Workload:
    """Plan additions to a set, reads among them, and a read by every client at the end.

    The handlers are ``add(key, element)`` and ``read(key)``, which answers the list of all elements; the only key is x.
    All elements are distinct. The rule is about the last read that is answered, so the clients read once more,
    `settle` milliseconds after the rest: replicas have so long to come together. These reads are not counted in `ops`.

    All else is as for `register`.

    Examples
    --------
    >>> for operation in grow_only_set(clients=2, ops=1).operations:
    ...     print(operation)
    at 50.665 ms c1 asks add('x', 1)
    at 575.535 ms c1 asks read('x')
    at 584.296 ms c2 asks read('x')
    """
    turns = Turns("grow_only_set", clients=clients, ops=ops, every=every, start=start, seed=seed, reads=reads)
    elements = count(1)

    def ask(client: str, kind: float) -> tuple:
        return ("read", "x", None) if kind < reads else ("add", "x", next(elements))

    return turns.take(ask, draws=1).finish(clients, "read", "x", settle=settle).workload(check)
