"""How much a search may cost before the answer is ``unknown``: states, seconds, memory."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

INFINITY = float("inf")


@dataclass
class Budget:
    """What is left to spend. Where a learner is graded, limit states only: a slow machine then changes no mark.

    Attributes
    ----------
    states : int or None
        States of the search that may be looked at; None is no limit.
    seconds : float or None
        Of a wall clock, from now on.
    megabytes : float or None
        By which this process may grow from now on, in units of 1,000,000 bytes.
    used : int
        States looked at so far.

    Examples
    --------
    >>> budget = Budget(states=10)
    >>> budget.spend(9), budget.exhausted()
    (None, None)
    >>> budget.spend(1), budget.exhausted()
    (None, '10 states of the search')
    """

    states: int | None = None
    seconds: float | None = None
    megabytes: float | None = None
    used: int = 0
    _deadline: float = field(default=INFINITY, repr=False)
    _most: float = field(default=INFINITY, repr=False)

    def __post_init__(self):
        if self.seconds is not None:
            self._deadline = time.monotonic() + self.seconds
        if self.megabytes is not None:
            self._most = resident() + self.megabytes * 1e6

    def turn(self, most: int) -> int:
        """How many states may be looked at before `exhausted` is asked again."""
        return most if self.states is None else min(most, self.states - self.used)

    def spend(self, states: int) -> None:
        self.used += states

    def exhausted(self) -> str | None:
        """What ran out, in words; None if nothing did."""
        if self.states is not None and self.used >= self.states:
            return f"{self.used:,} states of the search"
        if time.monotonic() >= self._deadline:
            return f"{self.seconds:g} s and {self.used:,} states of the search"
        if self._most < INFINITY and resident() > self._most:
            return f"{self.megabytes:,.0f} MB of memory and {self.used:,} states of the search"
        return None


def resident() -> int:
    """Bytes of memory that this process holds."""
    import psutil

    return psutil.Process().memory_info().rss
