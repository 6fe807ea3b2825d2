"""Randomness as a pure function of what it is for, and the distributions of latency made from it.

A run draws no stream of random numbers. Every message's luck follows from the salt of the operation that caused
it, its link, and how many messages that operation has sent over that link before. So when one operation is taken
away, every other message keeps its latency: that is what lets a failing run be shrunk.

Only arithmetic on integers is used (and ``math.log`` and ``**`` for the inverse transforms), so the same seed
gives the same run on every Python.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import log
from zlib import crc32

_MASK = 0xFFFF_FFFF_FFFF_FFFF
_ODD = 0x9E37_79B9_7F4A_7C15  # 2**64 / golden ratio, the step of SplitMix64 (Steele, Lea, Flood 2014)


def mix(*parts: int) -> int:
    """Hash integers to one of 64 bits (SplitMix64's finaliser over a running sum).

    >>> mix(1, 2) == mix(1, 2), mix(1, 2) == mix(2, 1)
    (True, False)
    """
    x = 0
    for part in parts:
        x = (x + part + 1) * _ODD & _MASK
        x = (x ^ x >> 30) * 0xBF58_476D_1CE4_E5B9 & _MASK
        x = (x ^ x >> 27) * 0x94D0_49BB_1331_11EB & _MASK
        x ^= x >> 31
    return x


def name_salt(name: str) -> int:
    """An integer for a name, the same in every process (unlike ``hash``)."""
    return crc32(name.encode())


def draw(*parts: int) -> float:
    """A number in [0, 1) that follows from integers.

    >>> 0 <= draw(7, 1) < 1
    True
    """
    return (mix(*parts) >> 11) * 2.0**-53


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution of latency. `sample` is the inverse of its cumulative distribution function."""

    def sample(self, u: float) -> float:
        """Milliseconds, from `u` in [0, 1)."""
        raise NotImplementedError

    def sampler(self) -> Callable[[float], int]:
        """The same as a function giving whole microseconds: the form for the simulator's innermost loop."""
        sample = self.sample
        return lambda u: round(sample(u) * 1000)


def spell(number: float) -> str:
    """A number as short as it can be written without becoming another one.

    >>> spell(200.0), spell(0.1), spell(1234567.891)
    ('200', '0.1', '1234567.891')
    """
    return str(int(number)) if number == int(number) and abs(number) < 1e15 else repr(number)


def _positive(**values: float) -> None:
    for name, value in values.items():
        if not isinstance(value, int | float) or not 0 <= value < float("inf"):
            raise ValueError(f"{name} must be a number of milliseconds, 0 or more, not {value!r}")


@dataclass(frozen=True, slots=True, repr=False)
class Constant(Distribution):
    """See `constant`."""

    ms: float

    def __post_init__(self):
        _positive(ms=self.ms)

    def __repr__(self) -> str:
        return f"constant({spell(self.ms)})"

    def sample(self, u: float) -> float:
        return self.ms


@dataclass(frozen=True, slots=True, repr=False)
class Uniform(Distribution):
    """See `uniform`."""

    low: float
    high: float

    def __post_init__(self):
        _positive(low=self.low, high=self.high)
        if self.high < self.low:
            raise ValueError(f"{self!r}: the second number is the larger one")

    def __repr__(self) -> str:
        return f"uniform({spell(self.low)}, {spell(self.high)})"

    def sample(self, u: float) -> float:
        return self.low + u * (self.high - self.low)

    def sampler(self) -> Callable[[float], int]:
        low, span = round(self.low * 1000), round((self.high - self.low) * 1000)
        return lambda u: low + int(u * span)


@dataclass(frozen=True, slots=True, repr=False)
class Exponential(Distribution):
    """See `exponential`."""

    mean: float

    def __post_init__(self):
        _positive(mean=self.mean)

    def __repr__(self) -> str:
        return f"exponential({spell(self.mean)})"

    def sample(self, u: float) -> float:
        return -self.mean * log(1.0 - u)


@dataclass(frozen=True, slots=True, repr=False)
class Pareto(Distribution):
    """See `pareto`."""

    scale: float
    alpha: float

    def __post_init__(self):
        _positive(scale=self.scale, alpha=self.alpha)
        if self.alpha < 0.1:
            raise ValueError(f"{self!r}: alpha, the weight of the tail, must be at least 0.1, or there is no end to it")

    def __repr__(self) -> str:
        return f"pareto({spell(self.scale)}, {spell(self.alpha)})"

    def sample(self, u: float) -> float:
        return self.scale * (1.0 - u) ** (-1.0 / self.alpha)


@dataclass(frozen=True, slots=True, repr=False)
class Mixture(Distribution):
    """See `mixture`."""

    parts: tuple[tuple[float, Distribution], ...]

    def __post_init__(self):
        if not self.parts or abs(sum(p for p, _ in self.parts) - 1) > 1e-9 or any(p < 0 for p, _ in self.parts):
            raise ValueError(f"{self!r}: the shares must be 0 or more and add up to 1")

    def __repr__(self) -> str:
        return f"mixture({', '.join(f'({spell(p)}, {d!r})' for p, d in self.parts)})"

    def sample(self, u: float) -> float:
        # One number chooses the part and, stretched back to [0, 1), draws from it.
        for share, part in self.parts:
            if u < share:
                return part.sample(u / share)
            u -= share
        return self.parts[-1][1].sample(0.0)


@dataclass(frozen=True, slots=True, repr=False)
class Measured(Distribution):
    """See `measured`."""

    ascending: tuple[float, ...]

    def __post_init__(self):
        _positive(**{f"value {i}": ms for i, ms in enumerate(self.ascending)})
        if not self.ascending:
            raise ValueError("measured: there has to be at least one value")

    def __repr__(self) -> str:
        return f"measured([{', '.join(map(spell, self.ascending))}])"

    def sample(self, u: float) -> float:
        return self.ascending[int(u * len(self.ascending))]


def constant(ms: float) -> Distribution:
    """Always so many milliseconds."""
    return Constant(ms)


def uniform(low: float, high: float) -> Distribution:
    """Any latency between two, equally likely."""
    return Uniform(low, high)


def exponential(mean: float) -> Distribution:
    """Memoryless, with this mean."""
    return Exponential(mean)


def pareto(scale: float, alpha: float) -> Distribution:
    """Heavy-tailed: at least `scale`; longer than x with probability ``(scale / x) ** alpha``."""
    return Pareto(scale, alpha)


def mixture(*parts: tuple[float, Distribution]) -> Distribution:
    """One of several, with given shares: ``mixture((0.9, constant(1)), (0.1, pareto(5, 1.5)))``.

    >>> mixture((0.5, constant(1)), (0.5, uniform(2, 4))).sample(0.75)
    3.0
    """
    return Mixture(tuple(parts))


def measured(values: Iterable[float]) -> Distribution:
    """One of the values that were measured, each as likely as the others.

    >>> measured([3, 1, 2]).sample(0.5)
    2
    """
    return Measured(tuple(sorted(values)))
