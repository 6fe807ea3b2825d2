"""The published table of staleness and latency, and ours beside it.

Bailis et al., VLDB 2012, section 5: N = 3, four deployments, six choices of R and W; the 99.9th percentiles
of read and write latency, and after how many milliseconds 99.9% of the reads are fresh. The authors drew a million
latencies and 50,000 reads; so few reads scatter the last column by several per cent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from splitbrain.theory.staleness import LATENCIES, quantile, staleness

QUORUMS = ((1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (1, 3))  # (R, W), in the table's order
TABLE: Mapping[str, tuple[tuple[float, float, float], ...]] = {  # reads, writes, fresh after; milliseconds
    "LinkedIn, SSD": ((0.66, 0.66, 1.85), (0.66, 1.63, 1.79), (1.63, 0.65, 0), (1.62, 1.64, 0), (4.14, 0.65, 0),
                      (0.65, 4.09, 0)),
    "LinkedIn, disk": ((0.66, 10.99, 45.5), (0.65, 20.97, 43.3), (1.63, 10.9, 13.6), (1.64, 20.96, 0),
                       (4.12, 10.89, 0), (0.65, 112.65, 0)),
    "Yammer": ((5.58, 10.83, 1364.0), (5.61, 427.12, 1352.0), (32.6, 10.73, 202.0), (33.18, 428.11, 0),
               (219.27, 10.79, 0), (5.63, 1870.86, 0)),
    "WAN": ((3.4, 55.12, 113.0), (3.4, 167.64, 0), (151.3, 56.36, 30.2), (151.31, 167.72, 0), (153.86, 55.19, 0),
            (3.44, 241.55, 0))}


@dataclass(frozen=True)
class Beside:
    """A published figure and ours, in milliseconds."""

    name: str
    r: int
    w: int
    figure: str  # "reads", "writes" or "fresh after"
    published: float
    ours: float

    @property
    def off(self) -> float:
        """By which part of the published figure ours differs; infinite if only one of the two is 0."""
        if self.published == 0:
            return 0.0 if self.ours == 0 else float("inf")
        return self.ours / self.published - 1 if self.ours else float("inf")


def beside(*, trials: int = 1_000_000, seed: int = 1) -> list[Beside]:
    """All 48 latencies and 24 visibilities of the table, by dice of our own.

    >>> row = beside(trials=2000)[0]
    >>> row.name, row.r, row.w, row.figure, row.published
    ('LinkedIn, SSD', 1, 1, 'reads', 0.66)
    """
    found = []
    for name, rows in TABLE.items():
        dice = staleness(3, LATENCIES[name], trials=trials, seed=seed)
        for (r, w), published in zip(QUORUMS, rows, strict=True):
            ours = quantile(dice.reads[r - 1], 0.999), quantile(dice.writes[w - 1], 0.999), dice.visible_after(r, w)
            found += [Beside(name, r, w, figure, *pair) for figure, *pair in zip(
                ("reads", "writes", "fresh after"), published, ours, strict=True)]
    return found
