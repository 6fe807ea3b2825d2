"""A failing schedule made smaller, by Hypothesis: what it may take away, and what it may make simpler."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

from splitbrain.explore.schedules import Group, OnMessage, Schedule
from splitbrain.faults import Fault, at

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_TRIES = 1_500  # runs that cutting down may take
_PASSED = 20  # crash points that one operation is thought to pass on a node
_AS_IT_IS = 31  # so much likelier than each simpler form: the first draws give the schedule nearly as it is


class _Enough(BaseException):
    """The runs are used up. (No Exception: Hypothesis takes those for failures.)"""


def cut_down(schedule: Schedule, fails: Callable[[Schedule], bool], *, sizes: tuple[int, ...],
             final: int = 0) -> Schedule:
    """The smallest schedule that still fails, of those that Hypothesis finds.

    Operations, faults, ends of faults and nodes are taken away, and times and luck made rounder, together.

    Parameters
    ----------
    schedule : Schedule
        One that fails.
    fails : function of a Schedule
        Is asked once of each, and of 1,500 at most. If it raises KeyboardInterrupt, the smallest so far is returned.
    sizes : tuple of int
        The numbers of nodes that there may be.
    final : int
        How many of the last operations have to stay.
    """
    known: dict[Schedule, bool] = {schedule: True}

    def still(simpler: Schedule) -> bool:
        if simpler not in known:
            if len(known) > _TRIES:
                raise _Enough
            known[simpler] = fails(simpler)
        return known[simpler]

    with suppress(_Enough, KeyboardInterrupt):
        _shrink(_simpler(_in_blocks(schedule, still, final), sizes, final), still)
        while (now := _counted_back(_smallest(known), still, final)) is not None:
            _shrink(_simpler(now, sizes, final), still)
    return _smallest(known)


def _smallest(known: dict[Schedule, bool]) -> Schedule:
    return min((one for one, failed in known.items() if failed), key=Schedule.size)


def _in_blocks(schedule: Schedule, fails: Callable[[Schedule], bool], final: int) -> Schedule:
    """A failing schedule of fewer operations: half of them are taken away at once, or a quarter, ..., or one.

    Hypothesis does that too, but each of its steps costs the more the more operations there are. (Zeller and
    Hildebrandt, "Simplifying and isolating failure-inducing input", IEEE TSE 28(2), 2002.)
    """
    block = len(schedule.operations) - final
    while (block := block // 2) > 1:
        place = 0
        while place < len(schedule.operations) - final:
            end = min(place + block, len(schedule.operations) - final)
            fewer = replace(schedule, operations=schedule.operations[:place] + schedule.operations[end:])
            if fails(fewer):
                schedule = fewer
            else:
                place = end
    return schedule


def _counted_back(schedule: Schedule, fails: Callable[[Schedule], bool], final: int) -> Schedule | None:
    """A failing schedule with an operation less, where a crash counts the points that this operation has passed.

    Two things change together here, the operation and the number, which Hypothesis does not try.
    """
    for place, fault in enumerate(schedule.faults):
        if not isinstance(fault, OnMessage) and fault[0].fault.name == "crash_at":
            for gone in range(len(schedule.operations) - final):
                operations = (*schedule.operations[:gone], *schedule.operations[gone + 1:])
                for earlier in _earlier(fault[0].fault):
                    faults = (*schedule.faults[:place], (at(fault[0].ms, earlier),), *schedule.faults[place + 1:])
                    if fails(fewer := replace(schedule, operations=operations, faults=faults)):
                        return fewer
    return None


def _earlier(crash: Fault) -> Iterator[Fault]:
    node, point = crash.args
    for number in range(point - 1, max(point - _PASSED, 1) - 1, -1):
        yield replace(crash, args=(node, number))


def _shrink(strategy: SearchStrategy[Schedule], fails: Callable[[Schedule], bool]) -> None:
    from hypothesis import Phase, find, settings
    from hypothesis.errors import NoSuchExample

    how = settings(max_examples=200, phases=(Phase.generate, Phase.shrink), database=None, deadline=None)
    with suppress(NoSuchExample):
        find(strategy, fails, random=Random(0), settings=how)


def _simpler(schedule: Schedule, sizes: tuple[int, ...], final: int) -> SearchStrategy[Schedule]:
    """Draws what is left of a schedule. What is drawn first among several is the simplest."""
    from hypothesis import strategies as st

    def mostly(now: Any, *simpler: Any) -> SearchStrategy:
        return st.sampled_from([*simpler, *[now] * _AS_IT_IS])

    count = len(schedule.operations) - final
    movable, kept = schedule.operations[:count], schedule.operations[count:]
    fewer = mostly(schedule.nodes, *(size for size in sorted(sizes) if size < schedule.nodes))
    stays = mostly(True, False)

    # The same number of choices whatever they are: else one that is taken away would give its choices to the next.
    left = st.tuples(*(st.tuples(stays, mostly(o.at, *_rounder(o.at)), mostly(o.salt, 0, 1, 2)) for o in movable))
    wrong = st.tuples(*(st.tuples(stays, mostly(fault, *_shorter(fault))) for fault in schedule.faults))

    def simpler(nodes: int, left: tuple, wrong: tuple) -> Schedule:
        rounder = {o: replace(o, at=ms, salt=salt) for o, (stays, ms, salt) in zip(movable, left, strict=True) if stays}
        return Schedule(nodes, (*rounder, *kept), tuple(fault for stays, fault in wrong if stays)).moved(rounder)

    return st.builds(simpler, fewer, left, wrong)


def _rounder(ms: float) -> list[float]:
    """
    >>> _rounder(137.25)
    [0.0, 100.0, 130.0, 137.0]
    """
    return [rounder for rounder in dict.fromkeys((0.0, ms // 100 * 100, ms // 10 * 10, ms // 1)) if rounder < ms]


def _shorter(fault: Group | OnMessage) -> list[Group]:
    return [] if isinstance(fault, OnMessage) else [fault[:1]] if len(fault) > 1 else []
