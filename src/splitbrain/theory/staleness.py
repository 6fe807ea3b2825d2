"""How stale a read from a partial quorum may be: probabilistically bounded staleness (PBS).

After P. Bailis, S. Venkataraman, M. Franklin, J. Hellerstein and I. Stoica, "Probabilistically Bounded Staleness for
Practical Partial Quorums", VLDB 2012. A value has N copies; a write waits for W acknowledgements, a read for R
answers. If R + W > N, any R and any W copies have one in common, and no read is stale.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import comb

import numpy as np

from splitbrain.latency import Distribution, Exponential, Mixture, Pareto, Uniform, exponential, mixture, pareto


@dataclass(frozen=True)
class Latencies:
    """How long the four messages of section 4.1 take ("WARS"), in milliseconds, each drawn independently.

    Attributes
    ----------
    write, acknowledge, read, respond : Distribution
    far : float
        Milliseconds more, each way, to every replica but one: each read and each write is asked near one of them, drawn
        at random (section 5.4, "WAN").
    """

    write: Distribution
    acknowledge: Distribution
    read: Distribution
    respond: Distribution
    far: float = 0.0


def _fit(share: float, scale: float, alpha: float, rate: float) -> Distribution:
    """Pareto with this share, else exponential: the form of the paper's table 3."""
    return mixture((share, pareto(scale, alpha)), (1 - share, exponential(1 / rate)))


def _alike(write: Distribution, others: Distribution, far: float = 0.0) -> Latencies:
    return Latencies(write, others, others, others, far)


_SSD = _fit(0.9122, 0.235, 10, 1.66)
_DISK = _fit(0.38, 1.05, 1.51, 0.183)
LATENCIES: Mapping[str, Latencies] = {
    "exponential": _alike(exponential(1), exponential(1)),
    "LinkedIn, SSD": _alike(_SSD, _SSD),
    "LinkedIn, disk": _alike(_DISK, _SSD),
    "Yammer": _alike(_fit(0.939, 3, 3.35, 0.0028), _fit(0.982, 1.5, 3.8, 0.0217)),
    "WAN": _alike(_DISK, _SSD, far=75),
}
"""All with a mean of 1 ms; and what the paper fitted to measurements in production (section 5.4, table 3)."""

_AT_ONCE = 20_000  # trials: what is computed with stays in the processor's cache


@dataclass(frozen=True)
class Staleness:
    """What so many reads, each after a write of its own, came to; see `staleness`.

    Attributes
    ----------
    n : int
    waits : mapping of (r, w) to array
        For each read: how many milliseconds after the write's commit it has to begin, at the least, not to be stale.
        Negative: it could have begun before.
    reads, writes : list of array
        ``reads[r - 1]``: how long each read takes that waits for r answers; `writes` likewise.
    """

    n: int
    waits: Mapping[tuple[int, int], np.ndarray] = field(repr=False)
    reads: list[np.ndarray] = field(repr=False)
    writes: list[np.ndarray] = field(repr=False)

    def stale(self, r: int, w: int, ms: float = 0.0) -> float:
        """The probability that a read which begins `ms` after the commit does not see the write."""
        waits = self.waits[r, w]
        return int(np.count_nonzero(waits > ms)) / len(waits)

    def visible_after(self, r: int, w: int, share: float = 0.999) -> float:
        """Milliseconds after the commit from when on this share of the reads sees the write (section 3.4)."""
        return max(0.0, quantile(self.waits[r, w], share))


def quantile(values: np.ndarray | list[float], share: float) -> float:
    """The least value that this share of the values does not exceed.

    >>> quantile([4.0, 2.0, 1.0, 3.0], 0.5)
    2.0
    """
    place = max(0, min(len(values), -int(-share * len(values) // 1)) - 1)
    return float(np.partition(values, place)[place])


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
    draw = np.random.Generator(np.random.PCG64(seed)).random
    parts = [_throw(n, latencies, slower, min(_AT_ONCE, trials - done), draw) for done in range(0, trials, _AT_ONCE)]
    answered, commits, freshest = (np.concatenate(part, axis=1) for part in zip(*parts, strict=True))
    waits = {(r + 1, w + 1): freshest[r] - commits[w] for r in range(n) for w in range(n)}
    return Staleness(n, waits, list(answered), list(commits))


def _throw(n: int, latencies: Latencies, slower: float, trials: int,
           draw: Callable[[tuple[int, ...]], np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """When the r-th answer and the w-th acknowledgement came, and by how much the freshest of r answers was behind.

    Behind by more than 0: the replica got the read so much earlier than the write. Each array is n rows of `trials`.
    """
    there, back, asked, answer = (_sampled(leg, draw((trials, n))) for leg in (
        latencies.write, latencies.acknowledge, latencies.read, latencies.respond))
    there *= slower
    if latencies.far:
        for legs in ((there, back), (asked, answer)):
            far = latencies.far * (np.arange(n) != (draw((trials, 1)) * n).astype(int))
            for leg in legs:
                leg += far
    answered = asked + answer
    order = np.argsort(answered, axis=1)
    behind = np.take_along_axis(there - asked, order, axis=1)
    return (np.take_along_axis(answered, order, axis=1).T, np.sort(there + back, axis=1).T,
            np.minimum.accumulate(behind, axis=1).T)


def _sampled(distribution: Distribution, u: np.ndarray) -> np.ndarray:
    """`Distribution.sample` of many numbers at once."""
    if isinstance(distribution, Exponential):
        return -distribution.mean * np.log1p(-u)
    if isinstance(distribution, Mixture):
        left, drawn = u.copy(), np.empty_like(u)
        open_ = np.ones(u.shape, bool)
        for share, part in distribution.parts:
            here = open_ & (left < share)
            drawn[here] = _sampled(part, left[here] / share)
            open_ &= ~here
            left -= share
        drawn[open_] = distribution.parts[-1][1].sample(0.0)
        return drawn
    if isinstance(distribution, Pareto | Uniform):  # arithmetic only
        return distribution.sample(u)
    return np.vectorize(distribution.sample, otypes=[float])(u)


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


def goes_back(n: int, r: int, w: int, writes_per_read: float) -> float:
    """The probability that a client's next read is older than its last, if nothing spreads beyond its quorums.

    Section 3.2, monotonic reads: the client has seen some version, and for each of its reads there are so many
    writes, by anybody; its next read has to miss these and the one that it saw: ``k = 1 + writes_per_read``.

    >>> round(goes_back(3, 1, 1, 1), 4)
    0.4444
    """
    return (comb(n - w, r) / comb(n, r)) ** (1 + writes_per_read)
