"""The order itself: not whether a history is linearizable, but how.

Each object's order is searched apart. That the orders of all objects and real time fit together is Herlihy and
Wing's locality theorem (1990, section 3); `_merge` is its proof, run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from splitbrain.checkers.forms import require
from splitbrain.checkers.linearizability import known
from splitbrain.checkers.models import Model
from splitbrain.checkers.search import Search
from splitbrain.checkers.values import frozen
from splitbrain.records import FAIL, OK, Operation


def linearization(history: Iterable[Operation], *, model: Model | str = "register",
                  budget: int = 100_000) -> tuple[Operation, ...] | None:
    """One order of the operations, true to real time, that explains every answer; None if there is none.

    Failed operations are left out, and those of unknown outcome that the order does not need.

    Parameters
    ----------
    history : iterable of Operation
        Complete, and small: every object is searched, also where a verdict could be had without.
    model : Model or str
        As for `splitbrain.checkers.linearizability`.
    budget : int
        How many states may be looked at for each object.

    Raises
    ------
    ValueError
        If an operation is not one that the model knows.
    RuntimeError
        If the budget ends before the search does: nothing is known then.

    Examples
    --------
    >>> from splitbrain.records import History
    >>> history = History.from_sketch('''
    ... ann  [put x=1 ------------]
    ... bob    [get x -> 1]
    ... cid    [get x -> None]''')
    >>> print(*linearization(history), sep="; ")
    cid: get(x) -> None; ann: put(x, 1) -> None; bob: get(x) -> 1
    """
    model, history = known(model), tuple(history)
    require(history, name=model.name, functions=model.functions, asked=model.asked, told=model.told)
    parts: dict[Any, list[Operation]] = {}
    for o in history:
        if o.status != FAIL and (o.status == OK or o.f not in model.reads):
            parts.setdefault(frozen(o.key), []).append(o)
    orders = []
    for part in parts.values():
        search = Search(part, model)
        if sum(1 for _ in zip(range(budget), search, strict=False)) == budget:
            raise RuntimeError(f"gave up after {budget:,} states of the search: found neither an order nor that there "
                               "is none")
        if search.order is None:
            return None
        orders.append(search.order)
    return tuple(_merge(orders))


def _merge(orders: Sequence[Sequence[Operation]]) -> list[Operation]:
    """Take what nothing else has to come before, and of those what began first, until all are taken."""
    left = sorted((o for order in orders for o in order), key=lambda o: o.start)
    next_of = {id(a): b for order in orders for a, b in pairwise(order)}
    held = {id(b) for b in next_of.values()}
    taken: list[Operation] = []
    while left:
        o = next(o for o in left if id(o) not in held and not any(
            other.end is not None and other.end < o.start for other in left if other is not o))
        taken.append(o)
        left.remove(o)
        held.discard(id(next_of.get(id(o))))
    return taken


def moments(order: Sequence[Operation]) -> dict[int, float]:
    """A moment for each operation of an order, by its index, between its beginning and its end; one after the other.

    Moments are on the scale of positions (`Operation.start`). Where several fall between two neighbouring events,
    they share the room.

    Examples
    --------
    >>> a = Operation("ann", "put", "x", 1, start=0, end=3, index=0)
    >>> b = Operation("bob", "put", "x", 2, start=1, end=2, index=1)
    >>> moments([a, b]), moments([b, a])
    ({0: 0.5, 1: 1.5}, {1: 1.333, 0: 1.667})

    Raises
    ------
    ValueError
        If the order is not true to real time.
    """
    places: list[int] = []
    for o in order:
        places.append(max([o.start, *places[-1:]]))
        if o.end is not None and places[-1] >= o.end:
            raise ValueError(f"{o} comes after something that began only when it was over")
    found: dict[int, float] = {}
    for place in dict.fromkeys(places):
        here = [o for o, at in zip(order, places, strict=True) if at == place]
        found |= {o.index: round(place + (n + 1) / (len(here) + 1), 3) for n, o in enumerate(here)}
    return found
