"""Availability: which share of what was asked was answered, and when?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor

from splitbrain.checkers.explain import plural
from splitbrain.records import OK, UNKNOWN, VIOLATED, Operation, Verdict, Witness

MOST = 1_000_000  # windows


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
        ``violated`` if less was answered: the witness is what was not, in the whole or in the worst window. ``unknown``
        if nothing was asked.

    Raises
    ------
    ValueError
        If `least` is no share, or `window` not above 0.

    Examples
    --------
    >>> asked = [Operation("c1", "get", "x", invoked=10.0 * i, status="ok" if i < 3 else "fail", index=i)
    ...          for i in range(4)]
    >>> print(availability(asked))
    violated: 3 of 4 operations were answered (75 %), from 0 to 30 ms; the first that was not: c1: get(x) -> failed
    >>> print(availability(asked, least=0.5))
    ok: 3 of 4 operations were answered (75 %), from 0 to 30 ms
    """
    if not 0 <= least <= 1:
        raise ValueError(f"the share that has to be answered is between 0 and 1, not {least}")
    asked = [o for o in history if (start is None or o.invoked >= start) and (end is None or o.invoked < end)]
    if not asked:
        return Verdict(UNKNOWN, "nothing was asked", "availability")
    whole = f"{_share(asked)} were answered ({_percent(asked)}), {_span(asked)}"
    groups = [asked] if window is None else [*_by_window(asked, window).values()]
    worst = min(groups, key=_answered)
    if _answered(worst) >= least:
        more = "" if window is None else f"; in each window of {window:g} ms at least {_percent(worst)}"
        return Verdict(OK, whole + more, "availability")
    if window is not None:
        number = worst[0].invoked // window
        whole = (f"only {_share(worst)} were answered ({_percent(worst)}) "
                 f"from {number * window:g} to {(number + 1) * window:g} ms")
    missed = tuple(o for o in worst if o.status != OK)
    return Verdict(VIOLATED, f"{whole}; the first that was not: {missed[0]}", "availability", Witness(missed))


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
    counts = {number: (len(some), sum(o.status == OK for o in some))
              for number, some in _by_window(history, window).items()}
    if not counts:
        return []
    first, last = int(min(counts)), int(max(counts))
    if last - first > MOST:
        raise ValueError(f"more than {MOST:,} windows of {window:g} ms: are the history's times in milliseconds?")
    return [Share(number * window, (number + 1) * window, *counts.get(number, (0, 0)))
            for number in range(first, last + 1)]


def longest_gap(history: Iterable[Operation]) -> tuple[float, float] | None:
    """The longest time without an answer while one was wanted: from one moment to another, in milliseconds.

    It ends with an answer, or with the last moment that the history tells of. It begins with the answer before; or
    later, with the next invocation, if nobody was waiting any more. None if nothing was asked.

    Examples
    --------
    >>> asked = [Operation("c1", "get", invoked=at, returned=at + 2, index=i) for i, at in enumerate([0.0, 10.0, 90.0])]
    >>> longest_gap(asked)
    (0.0, 2.0)
    >>> longest_gap([*asked, Operation("c2", "get", invoked=50.0, returned=80.0, status="fail", index=3)])
    (50.0, 92.0)
    """
    history = sorted(history, key=lambda o: o.invoked)
    if not history:
        return None
    last = max(max(o.invoked, o.returned or o.invoked) for o in history)
    answers = sorted(o.returned for o in history if o.status == OK and o.returned is not None)
    gaps, since, place, waiting = [], None, 0, 0.0  # since when one is wanted; until when somebody waits for one
    for answer in [*answers, last]:
        while place < len(history) and history[place].invoked <= answer:
            since = history[place].invoked if since is None else since
            waiting = max(waiting, _waits(history[place], last))
            place += 1
        if since is not None:
            gaps.append((since, answer))
        since = answer if waiting > answer else None
    return max(gaps, key=lambda gap: gap[1] - gap[0])


def _waits(o: Operation, last: float) -> float:
    return last if o.returned is None else o.returned


def _by_window(history: Iterable[Operation], window: float) -> dict[float, list[Operation]]:
    if window <= 0:
        raise ValueError(f"a window is longer than 0 ms, not {window}")
    groups: dict[float, list[Operation]] = {}
    for o in sorted(history, key=lambda o: o.invoked):
        groups.setdefault(o.invoked // window, []).append(o)
    return groups


def _answered(some: Sequence[Operation]) -> float:
    return sum(o.status == OK for o in some) / len(some)


def _share(some: Sequence[Operation]) -> str:
    return f"{sum(o.status == OK for o in some)} of {plural(len(some), 'operation')}"


def _percent(some: Sequence[Operation]) -> str:
    """Rounded down, so that 100 % are all."""
    return f"{floor(1000 * _answered(some)) / 10:g} %"


def _span(some: Sequence[Operation]) -> str:
    times = [o.invoked for o in some]
    return f"from {min(times):g} to {max(times):g} ms"
