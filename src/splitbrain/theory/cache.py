"""How old a cached value gets when its cache is told of changes, is not told for a while, and has a lease."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Read:
    """One read of a cache: when, what it gave, and for how many seconds that had no longer been the value."""

    second: int
    value: int
    stale: int
    asked: bool


def reads(seconds: int, *, lease: int, write_every: int, cut_at: int, cut_for: int, notices: bool) -> list[Read]:
    """A key written every `write_every` seconds and read every second through a cache, in whole seconds.

    A write drops the copy, except while nobody is told: `cut_for` seconds from `cut_at` on. `lease` bounds a copy's
    life from the question, 0: no bound. With `notices`, the cache drops all when the cut ends.

    Staleness is what `checkers.staleness` counts: since when the *first* newer value has been there.

    >>> max(read.stale for read in reads(100, lease=20, write_every=3, cut_at=30, cut_for=40, notices=True))
    18
    """
    found: list[Read] = []
    kept, until = None, 0
    for now in range(seconds):
        told = not cut_at <= now < cut_at + cut_for
        if (now % write_every == 0 and told) or (notices and cut_for and now == cut_at + cut_for):
            kept = None
        asked = kept is None or (lease > 0 and now >= until)
        if asked:
            kept, until = now // write_every, now + lease
        found.append(Read(now, kept, max(0, now - (kept + 1) * write_every), asked))
    return found
