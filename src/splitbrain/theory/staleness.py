"""How stale a read from a partial quorum may be: probabilistically bounded staleness (PBS).

After P. Bailis, S. Venkataraman, M. Franklin, J. Hellerstein and I. Stoica, "Probabilistically Bounded Staleness for
Practical Partial Quorums", VLDB 2012. A value has N copies; a write waits for W acknowledgements, a read for R
answers. If R + W > N, any R and any W copies have one in common, and no read is stale.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import comb
from random import Random

from splitbrain.latency import Distribution, exponential, mixture, pareto


@dataclass(frozen=True)
class Latencies:
    """How long the four messages of section 4.1 take ("WARS"), in milliseconds, each drawn independently."""

    write: Distribution  # to a replica
    acknowledge: Distribution
    read: Distribution  # the request, to a replica
    respond: Distribution


def _fit(share: float, scale: float, alpha: float, rate: float) -> Distribution:
    """Pareto with this share, else exponential: the form of the paper's table 3."""
    return mixture((share, pareto(scale, alpha)), (1 - share, exponential(1 / rate)))


def _alike(write: Distribution, others: Distribution) -> Latencies:
    return Latencies(write, others, others, others)


_SSD = _fit(0.9122, 0.235, 10, 1.66)
LATENCIES: Mapping[str, Latencies] = {
    "exponential": _alike(exponential(1), exponential(1)),
    "LinkedIn, SSD": _alike(_SSD, _SSD),
    "LinkedIn, disk": _alike(_fit(0.38, 1.05, 1.51, 0.183), _SSD),
    "Yammer": _alike(_fit(0.939, 3, 3.35, 0.0028), _fit(0.982, 1.5, 3.8, 0.0217)),
}
"""All with a mean of 1 ms; and what the paper fitted to measurements in production (section 5.4, table 3)."""


@dataclass(frozen=True)
class Staleness:
    """What so many reads, each after a write of its own, came to; see `staleness`.

    Attributes
    ----------
    n : int
    waits : mapping of (r, w) to list of float
        For each read, ascending: how many milliseconds after the write's commit it has to begin, at the least, not to
        be stale. Negative: it could have begun before.
    reads, writes : list of list of float
        ``reads[r - 1]``: how long reads take that wait for r answers, ascending; `writes` likewise.
    """

    n: int
    waits: Mapping[tuple[int, int], list[float]] = field(repr=False)
    reads: list[list[float]] = field(repr=False)
    writes: list[list[float]] = field(repr=False)

    def stale(self, r: int, w: int, ms: float = 0.0) -> float:
        """The probability that a read which begins `ms` after the commit does not see the write."""
        waits = self.waits[r, w]
        return 1 - bisect_right(waits, ms) / len(waits)

    def visible_after(self, r: int, w: int, share: float = 0.999) -> float:
        """Milliseconds after the commit from when on this share of the reads sees the write (section 3.4)."""
        return max(0.0, quantile(self.waits[r, w], share))


def quantile(ascending: list[float], share: float) -> float:
    """The least value that this share of the values does not exceed.

    >>> quantile([1.0, 2.0, 3.0, 4.0], 0.5)
    2.0
    """
    return ascending[max(0, min(len(ascending), -int(-share * len(ascending) // 1)) - 1)]


@lru_cache(maxsize=64)
def staleness(n: int, latencies: Latencies, *, slower: float = 1.0, trials: int = 10_000, seed: int = 1) -> Staleness:
    """Throw the dice for `trials` writes and reads of N copies (the paper's section 5.1), for all R and W at once.

    A read takes the first R answers. It is stale if each of these replicas got its request before the write, that
    is, if ``commit + ms + read < write`` for each.

    Parameters
    ----------
    n : int
        Copies.
    latencies : Latencies
    slower : float
        Writes to replicas take this many times as long.
    trials, seed : int
        The same seed throws the same dice.

    Notes
    -----
    Not covered: read repair, anti-entropy, failed nodes, a second write at the same time.

    Examples
    --------
    >>> dice = staleness(3, LATENCIES["exponential"])
    >>> dice.stale(2, 2), round(dice.stale(1, 1), 2)
    (0.0, 0.25)
    """
    random = Random(seed).random
    write, acknowledge, read, respond = (leg.sample for leg in (
        latencies.write, latencies.acknowledge, latencies.read, latencies.respond))
    waits: dict[tuple[int, int], list[float]] = {(r, w): [] for r in range(1, n + 1) for w in range(1, n + 1)}
    reads: list[list[float]] = [[] for _ in range(n)]
    writes: list[list[float]] = [[] for _ in range(n)]
    for _ in range(trials):
        replicas = []
        commits = []
        for _ in range(n):
            there, asked = slower * write(random()), read(random())
            commits.append(there + acknowledge(random()))
            replicas.append((asked + respond(random()), there - asked))
        commits.sort()
        freshest = float("inf")
        for r, (answered, behind) in enumerate(sorted(replicas)):
            freshest = min(freshest, behind)  # of the first r + 1 answers
            reads[r].append(answered)
            writes[r].append(commits[r])
            for w, committed in enumerate(commits):
                waits[r + 1, w + 1].append(freshest - committed)
    for values in (*waits.values(), *reads, *writes):
        values.sort()
    return Staleness(n, waits, reads, writes)


def stale_versions(n: int, r: int, w: int, k: int = 1) -> float:
    """The probability that a read misses all of the last `k` writes, if nothing spreads beyond their quorums.

    Closed form, section 3.1: ``(C(N-W, R) / C(N, R)) ** k``. Writes choose their W copies at random. An upper bound,
    for in truth a write goes on to the other copies.

    >>> round(stale_versions(3, 1, 1, 2), 4), stale_versions(3, 2, 2)
    (0.4444, 0.0)
    """
    return (comb(n - w, r) / comb(n, r)) ** k


def is_strict(n: int, r: int, w: int) -> bool:
    """Whether every read quorum meets every write quorum."""
    return r + w > n
