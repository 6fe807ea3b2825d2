"""A cache that is told of changes, and for a while is not: how old what it serves gets, with a lease and without."""

from __future__ import annotations

from splitbrain.theory.cache import Read, reads
from splitbrain.views import Picture, style
from splitbrain.views.canvas import Box, Canvas, plain_settings
from splitbrain.views.chart import Axis, Chart
from splitbrain.widgets.explorer import Explorer, number, one_of

LENGTH = 120  # seconds that are shown
DROPS, KEEPS = "drops all", "keeps what it has"


class CacheExplorer(Explorer):
    """A cache under silence.

    Attributes
    ----------
    lease : int
        Seconds from the question for which a value may be used; 0: for ever.
    write_every : int
        Seconds between two writes of the key.
    cut_at, cut_for : int
        When nobody is told any more, and for how many seconds.
    after : str
        What the cache does when it is connected again.

    Examples
    --------
    >>> print(CacheExplorer(lease=20, write_every=3, cut_at=30, cut_for=40).picture.alt.splitlines()[0])
    Lease 20 s, untold for 40 s: a read is stale by at most 18 s, and Redis is asked 29 times in 120 s.
    """

    title = "A cache that is not told"
    lease = number(20, "Lease (0: none)", 0, 60, unit="s")
    write_every = number(3, "A write every", 1, 30, unit="s")
    cut_at = number(30, "Nobody is told from", 1, 60, unit="s")
    cut_for = number(40, "for", 0, 90, unit="s")
    after = one_of(DROPS, "Connected again, it", [DROPS, KEEPS])

    def draw(self) -> Picture:
        return cache_picture(lease=self.lease, write_every=self.write_every, cut_at=self.cut_at, cut_for=self.cut_for,
                             notices=self.after == DROPS)


def cache_picture(*, lease: int, write_every: int, cut_at: int, cut_for: int, notices: bool) -> Picture:
    """How stale each read is over 120 seconds; see `CacheExplorer`."""
    found = reads(LENGTH, lease=lease, write_every=write_every, cut_at=cut_at, cut_for=cut_for, notices=notices)
    worst, asked = max(read.stale for read in found), sum(read.asked for read in found)
    with plain_settings():
        canvas = Canvas(860, 300)
        highest = max(10, worst, lease) * 1.15
        chart = Chart(canvas, Box(20, 20, 850, 290), Axis("second", 0, LENGTH), Axis("stale by, s", 0, highest),
                      "How long what is read has been out of date", beside=52)
        if cut_for:
            chart.band(cut_at, min(LENGTH, cut_at + cut_for), "nobody is told" if cut_for >= 15 else "")
        if lease:
            chart.level(lease, f"the promise: {lease} s")
        chart.steps([*((read.second, read.stale) for read in found), (LENGTH, found[-1].stale)],
                    colour=style.VERMILLION, fill=style.TINTS["vermillion"])
    words = f"Lease {lease} s" if lease else "No lease"
    alt = (f"{words}, untold for {cut_for} s: a read is stale by at most {worst} s, and Redis is asked {asked} times "
           f"in {LENGTH} s.\nA write every {write_every} s; nobody is told from {cut_at} s on; connected again, the "
           f"cache {DROPS if notices else KEEPS}. At the end a read is stale by {found[-1].stale} s.")
    caption = "One key, read every second. Stale: for how long the first newer value has been there."
    return Picture.from_figure(canvas.figure, alt, _table(found), caption)


def _table(found: list[Read]) -> list[dict]:
    """A row for every ten seconds."""
    parts = [found[begin:begin + 10] for begin in range(0, len(found), 10)]
    return [{"seconds": f"{part[0].second} to {part[-1].second}", "asked": sum(read.asked for read in part),
             "stale reads": sum(read.stale > 0 for read in part),
             "stale by at most, s": max(read.stale for read in part)}
            for part in parts]
