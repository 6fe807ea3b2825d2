"""A queue between those who ask and those who work: how long it grows, how long one waits.

Times are seconds, rates are jobs a second. Luck follows from the seed and from a job's number alone: more workers, or
faster ones, meet the very same jobs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from math import log

from splitbrain.latency import draw

_GAP, _WORK = 1, 2  # what a draw is for


@dataclass(frozen=True, slots=True)
class Job:
    """When a job came, when a worker took it, when it was done; the last two are None if it was turned away."""

    arrived: float
    started: float | None = None
    finished: float | None = None

    @property
    def refused(self) -> bool:
        """Whether it was turned away."""
        return self.started is None


def arrivals(rates: Sequence[tuple[float, float]], *, seed: int = 1) -> list[float]:
    """When jobs arrive, at random (a Poisson process) with a rate that changes.

    Parameters
    ----------
    rates : sequence of (jobs a second, seconds)
        One stretch after the other.

    Examples
    --------
    >>> [round(time, 1) for time in arrivals([(0.5, 4), (4, 1)])]
    [1.9, 2.7, 4.1, 4.1, 4.2, 4.4, 4.5, 4.5, 4.6, 5.0, 5.0]
    """
    times: list[float] = []
    begin, owed, number = 0.0, -log(1 - draw(seed, _GAP, 0)), 0
    for rate, seconds in rates:
        now = begin
        while rate and now + owed / rate < begin + seconds:
            now += owed / rate
            times.append(now)
            number += 1
            owed = -log(1 - draw(seed, _GAP, number))
        # What is left of a gap goes on at the next stretch's rate: that is what "no memory" means.
        owed -= rate * (begin + seconds - now)
        begin += seconds
    return times


def serve(times: Sequence[float], *, workers: int, rate: float, room: int | None = None, seed: int = 1) -> list[Job]:
    """Serve jobs in the order of their arrival.

    Parameters
    ----------
    times : sequence of float
        Arrivals, ascending.
    workers : int
    rate : float
        Jobs a second that one worker does; how long each takes is exponential.
    room : int, optional
        Jobs that may wait. One that finds as many waiting is turned away.

    Examples
    --------
    >>> [round(job.finished - job.arrived, 2) for job in serve([0, 0.1, 0.2], workers=1, rate=10)]
    [0.12, 0.12, 0.04]
    """
    free = [0.0] * workers  # when each worker will be free
    heapify(free)
    jobs: list[Job] = []
    starts: list[float] = []  # of accepted jobs; first come, first served, so ascending
    waiting = 0  # the first of them that may not have begun
    for number, now in enumerate(times):
        while waiting < len(starts) and starts[waiting] <= now:
            waiting += 1
        if room is not None and free[0] > now and len(starts) - waiting >= room:
            jobs.append(Job(now))
            continue
        started = max(now, heappop(free))
        finished = started - log(1 - draw(seed, _WORK, number)) / rate
        heappush(free, finished)
        starts.append(started)
        jobs.append(Job(now, started, finished))
    return jobs


def depth(jobs: Sequence[Job]) -> list[tuple[float, int]]:
    """How many jobs are there, waiting or in work: (from this second on, so many)."""
    changes = sorted((time, step) for job in jobs if not job.refused
                     for time, step in ((job.arrived, 1), (job.finished, -1)))
    steps, count = [(0.0, 0)], 0
    for time, change in changes:
        count += change
        steps.append((time, count))
    return steps


@dataclass(frozen=True)
class Little:
    """Both sides of Little's law, L = lambda W, each measured by itself over the same seconds.

    J. D. C. Little, "A Proof for the Queuing Formula L = lambda W", Operations Research 9(3), 1961.

    Attributes
    ----------
    length : float
        L, the mean number of jobs there: the area under `depth`, by the time.
    rate : float
        Lambda: jobs that came and were let in, a second.
    stay : float
        W: the mean time from arrival to end of those jobs, seconds.
    """

    length: float
    rate: float
    stay: float

    @property
    def product(self) -> float:
        """Lambda times W."""
        return self.rate * self.stay


def little(jobs: Sequence[Job], until: float) -> Little:
    """Measure from second 0 to `until`.

    The two sides are equal if nobody is there at `until`. Else jobs that are still there have stays that reach
    beyond, and the sides differ by that, however long one measures, if the load stays above capacity.
    """
    steps = [step for step in depth(jobs) if step[0] < until]
    ends = [time for time, _ in steps[1:]] + [until]
    area = sum(count * (end - begin) for (begin, count), end in zip(steps, ends, strict=True))
    inside = [job for job in jobs if not job.refused and job.arrived < until]
    stay = sum(job.finished - job.arrived for job in inside) / len(inside) if inside else 0.0
    return Little(area / until, len(inside) / until, stay)
