"""Clients that take a lock and give it back. Two must never hold it at once."""

from __future__ import annotations

from collections.abc import Sequence

from splitbrain.workloads.plan import Check, Workload
from splitbrain.workloads.turns import Turns


def mutex(*, clients: int = 3, ops: int = 60, keys: int | Sequence = 1, check: Check = "mutex",
          every: float = 60.0, start: float = 0.0, seed: int = 0) -> Workload:
    """Plan acquires and releases of locks.

    Each client asks for a lock, then gives the same one back, and so on. The handlers are ``acquire(key, client)`` and
    ``release(key, client)``. An acquire may wait, or answer False at once: somebody else holds the lock. Who did not
    get it asks for its release all the same, and that must do no harm: `splitbrain.Refused` for whoever does not hold
    the lock. (Every second client begins with such a release: so they do not all acquire at the same time.) A release
    that is answered says that its client held the lock, and it is free.

    `keys` are the locks; all else is as for `register`.

    Examples
    --------
    >>> for operation in mutex(clients=2, ops=3).operations:
    ...     print(operation)
    at 15.535 ms c2 asks release('x', 'c2')
    at 50.665 ms c1 asks acquire('x', 'c1')
    at 107.028 ms c1 asks release('x', 'c1')
    """
    turns = Turns("mutex", clients=clients, ops=ops, keys=keys, every=every, start=start, seed=seed)
    held = {f"c{number}": turns.keys[0] for number in range(2, clients + 1, 2)}

    def ask(client: str, which: float) -> tuple:
        if client in held:
            return "release", held.pop(client), client
        held[client] = turns.key(which)
        return "acquire", held[client], client

    return turns.take(ask, draws=1).workload(check)
