"""What clients will ask, planned before anything runs: plain values that can be printed, kept and cut down.

Every operation carries its own absolute time and its own salt, from which the simulator derives the latency of
each of its messages. So an operation that is taken away changes nothing about the others: that is what lets a
failing run be shrunk.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from splitbrain.records import History, Verdict, arguments

Check = str | Callable[[History], Verdict]


@dataclass(frozen=True, slots=True)
class Planned:
    """One operation that a client is going to ask for.

    Attributes
    ----------
    at : float
        Virtual milliseconds from the start of the run. A client asks for one thing at a time: what is planned
        while it still waits begins when it is free.
    process : str
        The client.
    node : int
        Its home node by place, counted round and round: in a cluster of n nodes, node number ``node % n``.
    f : str
        The handler that is called: ``get``, ``put``, ...
    key, value : Any
        The arguments: see there.
    salt : int or None
        What the randomness of this operation follows from; None: its client and its number there.
    after : int or None
        How much had happened when it was asked for, if it was by hand: see `splitbrain.explore.by_hand`.
    """

    at: float
    process: str
    node: int
    f: str
    key: Any = field(default=None, hash=False)  # they may be lists
    value: Any = field(default=None, hash=False)
    salt: int | None = 0
    after: int | None = None

    @property
    def arguments(self) -> tuple:
        """What the handler is given: ``(key,)``, ``(key, value)``, or ``(value,)`` where there is no one key.

        A value of None is not sent. A tuple is sent as several: ``cas`` of x with ``(1, 2)`` is ``cas("x", 1, 2)``.
        """
        return arguments(self.key, self.value)

    def __str__(self) -> str:
        return f"at {self.at:g} ms {self.process} asks {self.f}({', '.join(map(repr, self.arguments))})"


@dataclass(frozen=True, slots=True)
class Workload:
    """A name, the planned operations in the order of their times, and who judges the history they leave.

    Attributes
    ----------
    check : str or function of a History, giving a Verdict
        A checker's name as `splitbrain.checkers.judge` knows it, with options if need be (``"staleness(ms=50)"``), or
        any function of your own. (A name, because workloads know no checker: both know only `splitbrain.records`.)
    final : int
        How many operations at the end are asked once all else is over, such as a last read of everything. A search
        that leaves operations out keeps these, at their time.
    """

    name: str
    operations: tuple[Planned, ...]
    check: Check
    final: int = 0

    def __len__(self) -> int:
        return len(self.operations)

    def __repr__(self) -> str:
        check = self.check if isinstance(self.check, str) else getattr(self.check, "__name__", "a function")
        return f"Workload({self.name!r}, {len(self)} operations, check={check!r})"

    def without(self, *indexes: int) -> Workload:
        """The same workload with the operations at these places left out; nothing else about it changes."""
        left = [i for i in range(len(self)) if i not in indexes]
        final = sum(i >= len(self) - self.final for i in left)
        return replace(self, operations=tuple(self.operations[i] for i in left), final=final)
