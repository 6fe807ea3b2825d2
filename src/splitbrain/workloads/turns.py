"""Clients that take turns: who asks when, and what luck each operation has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import ceil
from random import Random
from typing import Any

from splitbrain.workloads.plan import Check, Planned, Workload


class Turns:
    """A plan in the making. Its operations are drawn one after the other, from one stream.

    Each draws the same number of times, needed or not: so a longer plan has those of the shorter, and a change of one
    parameter leaves the others' draws where they are.

    Parameters
    ----------
    name : str
        Of the workload.
    clients, ops, keys, every, start, seed
        As for `splitbrain.workloads.register`.
    **shares : float
        Of some kinds of operations among all; together they are at most 1.

    Raises
    ------
    ValueError
        If there is no client, no key, no time between operations, or a share is none.

    Examples
    --------
    >>> turns = Turns("ping", clients=2, ops=2, every=50, seed=3)
    >>> plan = turns.take(lambda client, luck: ("ping", turns.key(luck), None), draws=1).workload(len)
    >>> print(*plan.operations, sep="; ")
    at 11.898 ms c1 asks ping('x'); at 30.196 ms c2 asks ping('x')
    """

    def __init__(self, name: str, *, clients: int, ops: int, every: float, start: float = 0.0, seed: int = 0,
                 keys: int | Sequence = 1, **shares: float):
        self.keys = _names(keys)
        enough = clients > 0 and ops >= 0 and every > 0 and self.keys
        if not enough or min(shares.values(), default=0) < 0 or sum(shares.values()) > 1:
            given = {"clients": clients, "ops": ops, "keys": keys, "every": every} | shares
            raise ValueError(f"{name}() needs at least one client, one key, every > 0, and shares from 0 to 1; got "
                             f"{', '.join(f'{what}={value!r}' for what, value in given.items())}")
        self._name, self._clients, self._ops, self._every, self._start = name, clients, ops, every, start
        self._draw = Random(seed).random
        self._planned: list[Planned] = []
        self._final: list[Planned] = []

    def key(self, luck: float) -> Any:
        """The key that this number, between 0 and 1, stands for."""
        return self.keys[int(luck * len(self.keys))]

    def take(self, ask: Callable[..., tuple[str, Any, Any]], *, draws: int = 2) -> Turns:
        """Let the clients ask, in turn. ``ask(client, *luck)`` gives function, key and value; `draws` are its luck."""
        self._planned += self._drawn(self._ops, ask, draws, self._start)
        return self

    def finish(self, ops: int, f: str, key: Any = None, *, settle: float) -> Turns:
        """Once all that is over, and so many milliseconds later, let them ask so often for this."""
        start = self._start + ceil(self._ops / self._clients) * self._every + settle
        self._final += self._drawn(ops, lambda client: (f, key, None), 0, start)
        return self

    def workload(self, check: Check) -> Workload:
        """What was planned, in the order of its times."""
        operations = sorted(self._planned + self._final, key=lambda o: o.at)
        return Workload(self._name, tuple(operations), check, len(self._final))

    def _drawn(self, ops: int, ask: Callable[..., tuple[str, Any, Any]], draws: int, start: float) -> Iterator[Planned]:
        for i in range(ops):
            moment, *luck, salt = [self._draw() for _ in range(draws + 2)]
            turn, place = divmod(i, self._clients)
            client, at = f"c{place + 1}", round(start + (turn + moment) * self._every, 3)
            yield Planned(at, client, place, *ask(client, *luck), int(salt * 2**53))


def _names(keys: int | Sequence) -> Sequence:
    if not isinstance(keys, int):
        return tuple(keys)
    return ("x", "y", "z")[:keys] if keys <= 3 else tuple(f"k{i + 1}" for i in range(keys))
