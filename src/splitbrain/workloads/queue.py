"""Clients that put messages into a queue and take them out, and at the end empty it."""

from __future__ import annotations

from itertools import count

from splitbrain.workloads.plan import Check, Workload
from splitbrain.workloads.turns import Turns


def queue(*, clients: int = 3, ops: int = 60, enqueues: float = 0.5, settle: float = 500.0,
          check: Check = "total-queue(certain=True)", every: float = 60.0, start: float = 0.0,
          seed: int = 0) -> Workload:
    """Plan enqueues and dequeues, and as many dequeues at the end as may be needed to empty the queue.

    The handlers are ``enqueue(key, value)`` and ``dequeue(key)``, which answers a value, or None if there is none; the
    only key is x. All values are distinct.

    Parameters
    ----------
    enqueues : float
        The share of enqueues, between 0 and 1.
    settle : float
        Milliseconds between the rest and the dequeues at the end, which are not counted in `ops`: a queue that
        gives out again what was not acknowledged needs so long to notice.
    check : str or function of a History, giving a Verdict
        By default nothing acknowledged may certainly be lost, and nothing may come from nowhere. ``"total-queue"``
        calls lost also what a dequeue took whose answer did not arrive; ``"unordered-queue"`` asks that no message
        comes out twice, ``"producer-order"`` that each client's come out in the order in which it sent them,
        ``"fifo-queue"`` that the queue is linearizable.
    clients, ops, every, start, seed
        As for `register`.

    Examples
    --------
    >>> for operation in queue(clients=2, ops=3).operations:
    ...     print(operation)
    at 15.535 ms c2 asks dequeue('x')
    at 50.665 ms c1 asks dequeue('x')
    at 107.028 ms c1 asks enqueue('x', 1)
    at 655.003 ms c1 asks dequeue('x')
    """
    turns = Turns("queue", clients=clients, ops=ops, every=every, start=start, seed=seed, enqueues=enqueues)
    values = count(1)

    def ask(client: str, kind: float) -> tuple:
        return ("enqueue", "x", next(values)) if kind < enqueues else ("dequeue", "x", None)

    turns.take(ask, draws=1)
    return turns.finish(next(values) - 1, "dequeue", "x", settle=settle).workload(check)
