"""What a failure detector's threshold buys: quick detection, or few false alarms.

The two measures are those of W. Chen, S. Toueg and M. Aguilera, "On the Quality of Service of Failure Detectors",
IEEE Transactions on Computers 51(5), 2002, section 2.2: the detection time and the mistake rate.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

from splitbrain.latency import Distribution
from splitbrain.protocols.failure_detector import PhiAccrual, deviations

HOUR = 3_600_000  # milliseconds


@dataclass(frozen=True)
class Beats:
    """Heartbeats of a node that is well; see `heartbeats`. Times in milliseconds.

    Attributes
    ----------
    arrivals : list of float
        When those arrived that no later one had overtaken, ascending.
    last : float
        From a crash, at any moment alike, to the arrival of the last heartbeat; negative, if it comes before.
    hours : float
        How long they were sent.
    """

    arrivals: list[float] = field(repr=False)
    last: float
    hours: float


def heartbeats(interval: float, delay: Distribution | Callable[[float], Distribution], *, lost: float = 0.0,
               count: int = 36_000, seed: int = 1) -> Beats:
    """Send `count` heartbeats, one every `interval` milliseconds, and see when they arrive.

    Parameters
    ----------
    interval : float
    delay : Distribution, or a function from the time of sending to one
    lost : float
        Share of the heartbeats that never arrive.
    count, seed : int
    """
    random = Random(seed).random
    sent, came = 0.0, []
    arrived, total = 0.0, 0.0  # the latest arrival so far, and the sum over crashes after each heartbeat
    for number in range(count):
        sent = number * interval
        luck, ms = random(), (delay if isinstance(delay, Distribution) else delay(sent)).sample(random())
        if luck >= lost:
            came.append((sent + ms, sent))
            arrived = max(arrived, sent + ms)
        total += arrived - sent - interval / 2
    fresh, latest = [], -1.0
    for time, since in sorted(came):
        if since > latest:
            fresh.append(time)
            latest = since
    return Beats(fresh, total / count, count * interval / HOUR)


@dataclass(frozen=True)
class Tradeoff:
    """What thresholds come to for one detector over one series of heartbeats.

    `_reached` holds, ascending, how far each silence between two heartbeats went; a false alarm is one that went
    beyond the threshold. `_measure` turns a threshold into the same unit, and `_timeout` that into milliseconds.
    """

    beats: Beats
    _reached: list[float] = field(repr=False)
    _measure: Callable[[float], float] = field(repr=False)
    _timeout: Callable[[float], float] = field(repr=False)

    def false_alarms(self, threshold: float) -> float:
        """Times an hour that a node that is well comes to be suspected."""
        beyond = len(self._reached) - bisect_right(self._reached, self._measure(threshold))
        return beyond / self.beats.hours

    def detection(self, threshold: float) -> float:
        """Mean milliseconds from a crash to the suspicion, if the crash comes at any moment alike."""
        return self.beats.last + self._timeout(self._measure(threshold))


def fixed(beats: Beats) -> Tradeoff:
    """For timeouts in milliseconds.

    >>> from splitbrain.latency import constant
    >>> found = fixed(heartbeats(100, constant(5), lost=0.1, count=36_000))
    >>> 3200 < found.false_alarms(150) < 3300, found.false_alarms(1100)  # one in ten is lost; ten in a row are not
    (True, 0.0)
    """
    silences = sorted(later - earlier for earlier, later in pairwise(beats.arrivals))
    return Tradeoff(beats, silences, float, float)


def phi_accrual(beats: Beats, *, window: int = 1000, least_deviation: float = 1.0, warm_up: int = 100) -> Tradeoff:
    """For thresholds of phi. The first `warm_up` heartbeats, at least 1, only teach the detector."""
    detector = PhiAccrual(window=window, least_deviation=least_deviation)
    reached, means, spreads = [], 0.0, 0.0
    for number, arrived in enumerate(beats.arrivals):
        if number > max(warm_up, 1):
            mean, spread = detector.mean, detector.deviation
            reached.append((arrived - detector.last - mean) / spread)
            means += mean
            spreads += spread
        detector.heartbeat(arrived)
    mean, spread = means / len(reached), spreads / len(reached)
    return Tradeoff(beats, sorted(reached), deviations, lambda z: mean + spread * z)
