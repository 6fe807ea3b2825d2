"""Every state that a small specification can reach, breadth first, and the shortest way to one that must not be.

A specification is a value: where it begins, what can happen next, what must always hold. It is a model of a
protocol, not the protocol: no clock, no database, any message may arrive at any time. So it is small enough to look
at all of it, and what holds in every state holds in every run of the model.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any

from splitbrain.checkers.budget import Budget
from splitbrain.explore.progress import progress_bar
from splitbrain.records import Verdict

_TURN = 20_000  # new states between two looks at the clock and the memory


@dataclass(frozen=True)
class Specification:
    """What can happen, as a value.

    Attributes
    ----------
    name : str
    initial : tuple of states
        Where it may begin. A state is any hashable value; tuples of numbers and short strings are fast.
    next : callable
        ``next(state)`` gives every ``(action, state)`` that can come of it; an action is a string.
    invariants : tuple of callables
        ``invariant(state)`` is true where all is well. Its ``__name__`` is what it is called.
    show : callable
        A state as a line to read.
    """

    name: str
    initial: tuple[Hashable, ...]
    next: Callable[[Any], Iterable[tuple[str, Hashable]]]
    invariants: tuple[Callable[[Any], bool], ...] = ()
    show: Callable[[Any], str] = repr


@dataclass(frozen=True)
class Step:
    """A state, and the action that led there (``""`` for an initial state)."""

    action: str
    state: Any
    text: str = field(compare=False, default="")

    def __str__(self) -> str:
        return f"{self.action or 'at first'}: {self.text}"


@dataclass(frozen=True)
class Exploration:
    """What was found.

    Attributes
    ----------
    verdict : Verdict
        ``ok``: every reachable state was looked at, and the invariants hold in each. ``violated``: `trace` leads to
        a state where one does not. ``unknown``: the budget ended, or somebody interrupted.
    distinct : int
        States found.
    generated : int
        Initial states and successors produced, those that were known already included.
    depth : int
        States on the longest of the shortest paths, the initial state counted; as TLC counts it.
    trace : tuple of Step
        The shortest way to the violation; empty without one.
    """

    verdict: Verdict
    distinct: int
    generated: int
    depth: int
    trace: tuple[Step, ...] = ()

    def __str__(self) -> str:
        return "\n".join([str(self.verdict), *map(str, self.trace)])


def states(specification: Specification, *, limit: int | None = 5_000_000, seconds: float | None = None,
           megabytes: float | None = None, progress: bool = True) -> Exploration:
    """Look at every state that a specification can reach.

    Parameters
    ----------
    specification : Specification
    limit : int or None
        States that may be found before the answer is ``unknown``.
    seconds, megabytes : float or None
        Of a wall clock, and by which this process may grow.
    progress : bool
        Whether work of more than two seconds shows a bar.

    Returns
    -------
    Exploration
        Interrupted (Ctrl-C), it holds what was found by then, and its verdict is ``unknown``.

    Notes
    -----
    Breadth first: the first violation found is at the end of a shortest trace. It tells what can be reached, not
    what will be: that something happens at last is no invariant.

    References
    ----------
    Yu, Manolios, Lamport, "Model Checking TLA+ Specifications", CHARME 1999: the model checker TLC, whose counts
    these are comparable with.

    Examples
    --------
    Two bulbs and a switch that is pressed by somebody who looks at one bulb only:

    >>> def press(state):
    ...     a, b = state
    ...     yield "press a", (1 - a, b)
    ...     if not a:
    ...         yield "press b", (a, 1 - b)
    >>> def not_both(state):
    ...     return state != (1, 1)
    >>> print(states(Specification("bulbs", ((0, 0),), press, (not_both,))))
    violated: bulbs: not_both fails after 2 steps
    at first: (0, 0)
    press b: (0, 1)
    press a: (1, 1)
    """
    return _Search(specification, Budget(None if limit is None else limit + 1, seconds, megabytes)).run(progress)


class _Search:
    """A breadth-first search: `origins` has every state found, and the one it was first reached from."""

    def __init__(self, specification: Specification, budget: Budget):
        self.specification, self.budget = specification, budget
        self.origins: dict[Any, Any] = {}
        self.generated = self.depth = self.pause_at = 0
        self.broken: tuple[Any, str] | None = None

    def run(self, progress: bool) -> Exploration:
        name = self.specification.name
        try:
            with progress_bar(name, show=progress, unit="states") as advance:
                ended = self._search(advance)
        except KeyboardInterrupt:
            ended = "it was interrupted"
        if self.broken is not None:
            state, invariant = self.broken
            trace = self._trace(state)
            many = f"{len(trace) - 1} step{'s' if len(trace) != 2 else ''}"
            return self._told("violated", f"{name}: {invariant} fails after {many}", trace)
        found = f"{len(self.origins):,} states"
        if ended:
            return self._told("unknown", f"{name}: gave up after {found}, as {ended}")
        holds = " and ".join(_name(i) for i in self.specification.invariants) or "nothing to hold"
        return self._told("ok", f"{name}: {holds} in all of its {found}")

    def _told(self, status: str, text: str, trace: tuple[Step, ...] = ()) -> Exploration:
        verdict = Verdict(status, text, checker="states", states=len(self.origins))
        return Exploration(verdict, len(self.origins), self.generated, self.depth, trace)

    def _search(self, advance: Callable[[int], object]) -> str | None:
        """Look level by level; why it ended too early, if it did."""
        origins, successors = self.origins, self.specification.next
        level = self._begin()
        while level and self.broken is None:
            self.depth += 1
            found = []
            for state in level:
                if len(origins) >= self.pause_at and (ended := self._pause(advance)):
                    return f"its budget ended: {ended}"
                for _, after in successors(state):
                    self.generated += 1
                    if after not in origins:
                        origins[after] = state
                        found.append(after)
            self._look(found)
            level = found
        return None

    def _begin(self) -> list:
        level = list(dict.fromkeys(self.specification.initial))
        self.generated = len(self.specification.initial)
        self.origins.update(dict.fromkeys(level))
        self._look(level)
        return level

    def _look(self, found: list) -> None:
        """Try the invariants on states in the order in which they were found."""
        for invariant in self.specification.invariants:
            for state in found:
                if not invariant(state):
                    self.broken = state, _name(invariant)
                    return

    def _pause(self, advance: Callable[[int], object]) -> str | None:
        """What of the budget is at its end, if anything; and at how many states to pause again."""
        found = len(self.origins)
        advance(found - self.budget.used)
        self.budget.used = found
        self.pause_at = found + max(1, self.budget.turn(_TURN))
        return self.budget.exhausted()

    def _trace(self, state: Any) -> tuple[Step, ...]:
        path = [state]
        while (before := self.origins[path[-1]]) is not None:
            path.append(before)
        path.reverse()
        show = self.specification.show
        steps = [Step("", path[0], show(path[0]))]
        for before, after in zip(path, path[1:], strict=False):
            action = next(action for action, state in self.specification.next(before) if state == after)
            steps.append(Step(action, after, show(after)))
        return tuple(steps)


def _name(invariant: Callable) -> str:
    return getattr(invariant, "__name__", repr(invariant))
