"""Grow-only sets: is everything that was added in the last read, and nothing else? By Jepsen's rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from splitbrain.checkers.explain import plural, told
from splitbrain.checkers.forms import ELEMENTS, require
from splitbrain.checkers.values import frozen
from splitbrain.records import OK, UNKNOWN, VIOLATED, Operation, Verdict, Witness


def grow_only_set(history: Iterable[Operation]) -> Verdict:
    """Judge a set by its last read: what had been acknowledged is in it, and nothing that nobody added.

    Parameters
    ----------
    history : iterable of Operation
        ``add`` with an element; ``read``, which answers the list of all elements. The last read is to come at the
        end, after the additions. Every key is a set of its own.

    Returns
    -------
    Verdict
        ``violated`` if an element is lost or unexpected; one that is there more than once is reported among the
        anomalies, and allowed. ``unknown`` if nobody read the set at the end: no read that was answered, or an element
        that is missing and was acknowledged only after the last read had begun.

    Raises
    ------
    ValueError
        If there are other functions than these, or a read that answers no list.

    Notes
    -----
    The rule is that of Jepsen's set checker, but for elements that were still being added while the last read went
    on: Jepsen calls them lost, here nobody can know. An addition that failed is still one that was attempted:
    its element may be there.

    Examples
    --------
    >>> add = Operation("c1", "add", value="a", start=0, end=1)
    >>> print(grow_only_set([add, Operation("c2", "read", result=[], start=2, end=3, index=1)]))
    violated: 1 element lost: c1 called add('a') and was told ok, but c2 read [] at the end
    """
    history = tuple(history)
    require(history, name="set", functions=("add", "read"), told={"read": ELEMENTS})
    sets: dict[Any, list[Operation]] = {}
    for o in history:
        sets.setdefault(frozen(o.key), []).append(o)
    verdicts = [_judge(own) for own in sets.values()] or [Verdict(UNKNOWN, "the set was never read", "set")]
    first = next(v for status in (VIOLATED, UNKNOWN, OK) for v in verdicts if v.status == status)
    if first.status != OK or len(sets) < 2:
        return first
    said = f"the last read of each of the {len(sets)} sets has all that was acknowledged, and nothing unexpected"
    return Verdict(OK, said, "set", None, tuple(dict.fromkeys(name for v in verdicts for name in v.anomalies)))


def _judge(operations: Sequence[Operation]) -> Verdict:
    adds = [o for o in operations if o.f == "add"]
    reads = [o for o in operations if o.f == "read" and o.status == OK]
    if not reads:
        return Verdict(UNKNOWN, "the set was never read", "set")
    last = max(reads, key=lambda o: o.end)
    there = Counter(map(frozen, last.result))
    attempted = {frozen(o.value) for o in adds}
    acknowledged = {frozen(o.value) for o in adds if o.status == OK}
    missing = [o for o in adds if o.status == OK and frozen(o.value) not in there]
    lost = [o for o in missing if o.end < last.start]
    # In an order of its own, as a Python set has another in every process.
    unexpected = sorted((element for element in there if element not in attempted), key=repr)
    twice = [element for element, times in there.items() if times > 1]
    if lost or unexpected:
        return _violated(last, lost, unexpected, twice)
    if missing:
        return Verdict(UNKNOWN, f"{told(missing[0])} and was told ok, but nobody read the set after that", "set")
    recovered = len(there.keys() - acknowledged)
    more = f"; {plural(recovered, 'element')} there whose adder was not told ok" if recovered else ""
    more += f"; {plural(len(twice), 'element')} there more than once ({twice[0]!r})" if twice else ""
    return Verdict(OK, f"the last read has all of the {plural(len(acknowledged), 'element')} that were acknowledged, "
                       f"and nothing unexpected{more}", "set", None, ("duplicated",) if twice else ())


def _violated(last: Operation, lost: Sequence[Operation], unexpected: Sequence[Any], twice: Sequence[Any]) -> Verdict:
    parts = []
    if lost:
        count = len({frozen(o.value) for o in lost})
        parts.append(f"{plural(count, 'element')} lost: {told(lost[0])} and was told ok, but {told(last)} at the end")
    if unexpected:
        parts.append(f"{plural(len(unexpected), 'element')} unexpected: {told(last)} at the end, and nobody added "
                     f"{unexpected[0]!r}")
    kinds = {"lost": lost, "unexpected": unexpected, "duplicated": twice}
    anomalies = tuple(name for name, group in kinds.items() if group)
    return Verdict(VIOLATED, "; ".join(parts), "set", Witness((*lost[:1], last)), anomalies)
