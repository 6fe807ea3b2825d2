"""Availability: which share of what was asked was answered, and when?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from splitbrain.checkers.explain import plural
from splitbrain.records import OK, UNKNOWN, VIOLATED, Operation, Verdict, Witness


@dataclass(frozen=True, slots=True)
class Share:
    """What became of the operations that were asked for from `start` to `end` (ms, `end` not included)."""

    start: float
    end: float
    asked: int
    answered: int

    @property
    def share(self) -> float | None:
        """Between 0 and 1; None where nothing was asked."""
        return self.answered / self.asked if self.asked else None

    def __str__(self) -> str:
        return f"{self.answered} of {self.asked} from {self.start:g} to {self.end:g} ms"


def availability(history: Iterable[Operation], *, least: float = 1.0, window: float | None = None,
                 start: float | None = None, end: float | None = None) -> Verdict:
    """Judge whether enough of what was asked was answered.

    Parameters
    ----------
    history : iterable of Operation
        Of any kind. Answered is what ended ``ok``: a refusal or an error is none (Gilbert and Lynch 2002 ask that
        every request to a node that runs be answered).
    least : float
        The share, between 0 and 1, that has to be answered.
    window : float, optional
        Milliseconds: the share is asked for in each such window, by the time of invocation, not over the whole.
    start, end : float, optional
        Only operations invoked from `start` on and before `end` count, in milliseconds: the time of a fault, say.

    Returns
    -------
    Verdict
        ``violated`` if less was answered: the witness is what was not. ``unknown`` if nothing was asked.

    Examples
    --------
    >>> asked = [Operation("c1", "get", "x", invoked=10.0 * i, status="ok" if i < 3 else "fail", index=i)
    ...          for i in range(4)]
    >>> print(availability(asked))
    violated: 3 of 4 operations were answered (75 %), from 0 to 30 ms
    >>> print(availability(asked, least=0.5))
    ok: 3 of 4 operations were answered (75 %), from 0 to 30 ms
    """
    asked = [o for o in history if (start is None or o.invoked >= start) and (end is None or o.invoked < end)]
    if not asked:
        return Verdict(UNKNOWN, "nothing was asked", "availability")
    shares = over_time(asked, window=window) if window is not None else [_whole(asked)]
    short = min((s for s in shares if s.asked), key=lambda s: s.share)
    whole = _whole(asked)
    if short.share >= least:
        return Verdict(OK, _sentence(whole) + (f"; at least {short}" if window is not None else ""), "availability")
    missed = tuple(o for o in asked if o.status != OK and short.start <= o.invoked
                   and (o.invoked < short.end or window is None))
    sentence = f"only {short} were answered" if window is not None else _sentence(whole)
    return Verdict(VIOLATED, sentence, "availability", Witness(missed))


def over_time(history: Iterable[Operation], *, window: float = 100.0) -> list[Share]:
    """The share that was answered, window after window, by the time of invocation.

    Parameters
    ----------
    history : iterable of Operation
    window : float
        Milliseconds. The first window begins at a multiple of it; windows in which nothing was asked are there too.

    Examples
    --------
    >>> asked = [Operation("c1", "get", invoked=at, status=status) for at, status in [(5, "ok"), (110, "unknown")]]
    >>> [str(share) for share in over_time(asked)]
    ['1 of 1 from 0 to 100 ms', '0 of 1 from 100 to 200 ms']
    """
    if window <= 0:
        raise ValueError(f"a window is longer than 0 ms, not {window}")
    counts: dict[int, list[int]] = {}
    for o in history:
        count = counts.setdefault(int(o.invoked // window), [0, 0])
        count[0] += 1
        count[1] += o.status == OK
    if not counts:
        return []
    return [Share(number * window, (number + 1) * window, *counts.get(number, (0, 0)))
            for number in range(min(counts), max(counts) + 1)]


def longest_gap(history: Iterable[Operation]) -> tuple[float, float] | None:
    """The longest time without an answer while something was asked: from one moment to another, in milliseconds.

    It begins with an answer, or with the first invocation, and ends with the next answer, or with the last moment
    that the history tells of. None if nothing was asked.

    Examples
    --------
    >>> asked = [Operation("c1", "get", invoked=at, returned=at + 2, index=i) for i, at in enumerate([0.0, 10.0, 90.0])]
    >>> longest_gap(asked)
    (12.0, 92.0)
    """
    history = list(history)
    if not history:
        return None
    answers = sorted(o.returned for o in history if o.status == OK and o.returned is not None)
    first = min(o.invoked for o in history)
    last = max(max(o.invoked, o.returned or o.invoked) for o in history)
    moments = [first, *answers, last]
    return max(zip(moments, moments[1:], strict=False), key=lambda gap: gap[1] - gap[0])


def _whole(asked: list[Operation]) -> Share:
    times = [o.invoked for o in asked]
    return Share(min(times), max(times), len(asked), sum(o.status == OK for o in asked))


def _sentence(whole: Share) -> str:
    return (f"{whole.answered} of {plural(whole.asked, 'operation')} were answered ({100 * whole.share:.3g} %), "
            f"from {whole.start:g} to {whole.end:g} ms")
