"""Who is suspected to have failed, from nothing but the times at which heartbeats arrived.

A detector cannot be sure: a message that has not come may be on its way. `FixedTimeout` answers yes or no; a
`PhiAccrual` detector says how suspicious it is, and leaves the threshold to whoever asks.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from math import erfc, inf, log10, sqrt
from statistics import NormalDist

_NORMAL = NormalDist()


@dataclass
class FixedTimeout:
    """Suspected once no heartbeat has come for `timeout` milliseconds."""

    timeout: float
    last: float | None = None

    def heartbeat(self, now: float) -> None:
        """A heartbeat arrives."""
        self.last = now

    def suspects(self, now: float) -> bool:
        """Whether the node is suspected at this time; nobody is before the first heartbeat."""
        return self.last is not None and now - self.last > self.timeout


@dataclass
class PhiAccrual:
    """The phi accrual failure detector.

    N. Hayashibara, X. Défago, R. Yared and T. Katayama, "The phi Accrual Failure Detector", SRDS 2004, section 4.
    ``phi = -log10(P)``, where P is the probability that the next heartbeat comes even later than now, if intervals
    are normally distributed with the mean and deviation of the last ones. If they were, a threshold of phi = 1 would
    be wrong once in 10 intervals, phi = 3 once in 1,000. Where delays have a heavier tail, as they do in practice,
    it is wrong more often.

    Parameters
    ----------
    window : int
        So many intervals are remembered.
    least_deviation : float
        Milliseconds. Where intervals hardly vary, their deviation is taken to be this; not in the paper, but in
        implementations, which else would suspect a node for a hiccup.

    Examples
    --------
    >>> detector = PhiAccrual()
    >>> for time in (0, 90, 200, 300, 410):
    ...     detector.heartbeat(time)
    >>> [round(detector.phi(410 + ms), 1) for ms in (100, 120, 140)]
    [0.2, 1.8, 5.5]
    """

    window: int = 1000
    least_deviation: float = 1.0
    last: float | None = None
    _intervals: deque[float] = field(default_factory=deque, repr=False)
    _sum: float = field(default=0.0, repr=False)
    _squares: float = field(default=0.0, repr=False)

    def heartbeat(self, now: float) -> None:
        """A heartbeat arrives. One that a later one has overtaken has nothing to tell: do not report it."""
        if self.last is not None:
            self._remember(now - self.last)
        self.last = now

    def _remember(self, interval: float) -> None:
        self._intervals.append(interval)
        self._sum += interval
        self._squares += interval * interval
        if len(self._intervals) > self.window:
            gone = self._intervals.popleft()
            self._sum -= gone
            self._squares -= gone * gone

    @property
    def intervals(self) -> int:
        """How many intervals are remembered."""
        return len(self._intervals)

    @property
    def mean(self) -> float:
        """Of the intervals remembered, milliseconds."""
        return self._sum / len(self._intervals)

    @property
    def deviation(self) -> float:
        """Standard deviation of the intervals remembered, milliseconds, or `least_deviation` if that is more."""
        return max(sqrt(max(self._squares / len(self._intervals) - self.mean**2, 0.0)), self.least_deviation)

    def phi(self, now: float) -> float:
        """The suspicion; 0 before the second heartbeat, ``inf`` beyond what a float can tell."""
        if not self._intervals:
            return 0.0
        return phi_of((now - self.last - self.mean) / self.deviation)

    def timeout(self, threshold: float) -> float:
        """Milliseconds after the last heartbeat at which phi passes a threshold."""
        return self.mean + self.deviation * deviations(threshold)


def phi_of(z: float) -> float:
    """Phi, so many standard deviations after the mean."""
    later = 0.5 * erfc(z / sqrt(2))
    return -log10(later) if later > 0 else inf


def deviations(phi: float) -> float:
    """The inverse: so many standard deviations after the mean, phi has this value.

    >>> round(phi_of(deviations(8.0)), 6)
    8.0
    """
    if phi <= 0:
        return -inf
    return -_NORMAL.inv_cdf(10.0**-phi)
