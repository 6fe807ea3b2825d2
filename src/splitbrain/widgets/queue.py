"""A burst, and a queue before those who work: how deep it gets, how long one waits, and when it never ends."""

from __future__ import annotations

from itertools import pairwise

from splitbrain.theory.queueing import Job, Little, arrivals, depth, little, serve
from splitbrain.views import Picture, style
from splitbrain.views.canvas import Box, Canvas, plain_settings
from splitbrain.views.chart import Axis, Chart
from splitbrain.widgets.explorer import Explorer, number, one_of

LENGTH, BEGIN = 120, 20  # seconds that are shown; when the burst begins
_BESIDE = 52  # pixels


class QueueExplorer(Explorer):
    """A queue under a burst.

    Attributes
    ----------
    load, burst : int
        Jobs a second, usually and in the burst, which begins after 20 of the 120 seconds.
    seconds : int
        How long the burst lasts.
    workers, rate : int
        Workers, and jobs a second that one of them does: capacity is their product.
    room : int or "no limit"
        How many jobs may wait; one more is turned away.

    Examples
    --------
    >>> explorer = QueueExplorer(load=40, burst=90, seconds=20, workers=5, rate=10)
    >>> print(explorer.picture.alt.splitlines()[0])
    Capacity 50 jobs/s, load 40, in the burst 90. At most 827 jobs are there, one stays at most 17.7 s.
    """

    title = "A queue under a burst"
    load = number(30, "Load, usually", 0, 100, step=5, unit="jobs/s")
    burst = number(90, "Load in the burst", 0, 200, step=5, unit="jobs/s")
    seconds = number(20, "The burst lasts", 0, 100, step=5, unit="s")
    workers = number(5, "Workers", 1, 20)
    rate = number(10, "A worker does", 1, 20, unit="jobs/s")
    room = one_of("no limit", "Room to wait for", [0, 10, 50, 100, 200, 500, "no limit"], unit="jobs", slider=True)

    def draw(self) -> Picture:
        return queue_picture(**self.settings)


def queue_picture(load: float = 30, burst: float = 90, seconds: float = 20, *, workers: int = 5, rate: float = 10,
                  room: int | str = "no limit", seed: int = 1) -> Picture:
    """Depth and delay over 120 seconds, of the same jobs whatever the capacity; see `QueueExplorer`."""
    rates = [(load, BEGIN), (burst, seconds), (load, max(0, LENGTH - BEGIN - seconds))]
    jobs = serve(arrivals(rates, seed=seed), workers=workers, rate=rate, room=None if room == "no limit" else room,
                 seed=seed)
    steps, law = depth(jobs), little(jobs, LENGTH)
    with plain_settings():
        canvas = Canvas(860, 430)
        _draw_depth(canvas, steps, (load, burst, seconds), workers * rate, room)
        _draw_delay(canvas, jobs, seconds if burst != load else 0)
    caption = ("Jobs arrive at random (Poisson) and take a random time (exponential); first come, first served. Depth "
               "counts those that wait and those in work.")
    alt = _alt(jobs, steps, law, (load, burst, workers * rate))
    return Picture.from_figure(canvas.figure, alt, _table(jobs, steps), caption)


def _draw_depth(canvas: Canvas, steps: list[tuple[float, int]], loads: tuple[float, float, float], capacity: float,
                room: int | str) -> None:
    load, burst, seconds = loads
    steps = [step for step in steps if step[0] <= LENGTH]
    steps.append((LENGTH, steps[-1][1]))
    highest = max(10, max(count for _, count in steps) * 1.25)
    chart = Chart(canvas, Box(20, 20, 850, 235), Axis("", 0, LENGTH), Axis("jobs there", 0, highest),
                  f"Depth: {load:g} jobs/s, in the burst {burst:g}, against a capacity of {capacity:g}", beside=_BESIDE)
    if burst != load:
        chart.band(BEGIN, BEGIN + seconds, "burst" if seconds >= 5 else "")
    chart.steps(steps, colour=style.BLUE, fill=style.TINTS["blue"])
    expected = _fluid(load, burst, seconds, capacity)
    if room == "no limit" and max(count for _, count in expected) > 0:
        chart.curve(expected, colour=style.INK, width=1.4, dash=(5, 4))
        top = max(expected, key=lambda p: p[1])
        x, y = chart.at(*top)
        early = top[0] < LENGTH * 0.6
        canvas.text(x + 16 if early else x - 60, y - 8 if early else y + 46, "load minus capacity, added up", size=11,
                    align="left" if early else "right", z=4)


def _fluid(load: float, burst: float, seconds: float, capacity: float) -> list[tuple[float, float]]:
    """Without chance: what comes beyond capacity piles up, what capacity is beyond the load works it off."""
    points, level, now = [(0.0, 0.0)], 0.0, 0.0
    for rate, length in ((load, BEGIN), (burst, seconds), (load, LENGTH - BEGIN - seconds)):
        slope = rate - capacity
        if slope < 0 and level + slope * length < 0:
            points.append((now + level / -slope, 0.0))
        level, now = max(0.0, level + slope * length), now + length
        points.append((now, level))
    return points


def _draw_delay(canvas: Canvas, jobs: list[Job], seconds: float) -> None:
    served = [(job.arrived, job.finished - job.arrived) for job in jobs if not job.refused]
    longest = max([stay for _, stay in served] or [0])
    chart = Chart(canvas, Box(20, 235, 850, 425), Axis("second of arrival", 0, LENGTH),
                  Axis("seconds from arrival to end", 0, max(0.5, longest * 1.1)), beside=_BESIDE)
    if seconds:
        chart.band(BEGIN, BEGIN + seconds)
    if served:
        chart.curve(_means(served), colour=style.VERMILLION)
    lost = [job.arrived for job in jobs if job.refused]
    for second in sorted({int(arrived) for arrived in lost}):
        x, y = chart.at(second + 0.5, 0)
        canvas.cross(x, y - 6, 2.5, colour=style.INK, width=1.2)
    if lost:
        canvas.text(chart.inside.right, chart.inside.top - 17, "× jobs were turned away in this second", size=11,
                    align="right")


def _means(served: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The mean stay of those who came in each half second."""
    groups: dict[int, list[float]] = {}
    for arrived, stay in served:
        groups.setdefault(int(arrived * 2), []).append(stay)
    return [(half / 2 + 0.25, sum(stays) / len(stays)) for half, stays in sorted(groups.items())]


def _alt(jobs: list[Job], steps: list[tuple[float, int]], law: Little, rates: tuple[float, float, float]) -> str:
    load, burst, capacity = rates
    served = [job for job in jobs if not job.refused]
    most = max(count for _, count in steps)
    longest = max([job.finished - job.arrived for job in served] or [0])
    said = [f"Capacity {capacity:g} jobs/s, load {load:g}, in the burst {burst:g}. At most {most} jobs are there, one "
            f"stays at most {longest:.1f} s."]
    if load > capacity:
        said.append(f"The load stays above capacity: {load - capacity:g} jobs a second pile up, for ever.")
    if refused := len(jobs) - len(served):
        said.append(f"{refused} of {len(jobs)} jobs are turned away ({refused / len(jobs):.1%}).")
    left = sum(job.finished > LENGTH for job in served)
    said.append(f"Little's law over {LENGTH} s: L = {law.length:.1f} jobs there in the mean, "
                f"λW = {law.rate:.1f} jobs/s × {law.stay:.2f} s = {law.product:.1f}."
                + (f" {left} are still there at the end: their time goes on, so the sides differ." if left else ""))
    return "\n".join(said)


def _table(jobs: list[Job], steps: list[tuple[float, int]]) -> list[dict]:
    """A row for every five seconds."""
    came: list[list[Job]] = [[] for _ in range(0, LENGTH, 5)]
    most = [0] * len(came)
    for job in jobs:
        came[int(job.arrived // 5)].append(job)
    for (begin, count), (end, _) in pairwise([*steps, (LENGTH, 0)]):
        for row in range(int(begin // 5), min(int(end // 5) + 1, len(most))):
            most[row] = max(most[row], count)
    rows = []
    for row, group in enumerate(came):
        stays = [job.finished - job.arrived for job in group if not job.refused]
        rows.append({"seconds": f"{5 * row} to {5 * row + 5}", "arrived": len(group), "most there": most[row],
                     "mean stay, s": f"{sum(stays) / len(stays):.2f}" if stays else "",
                     "turned away": len(group) - len(stays)})
    return rows
