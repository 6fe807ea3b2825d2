"""Why no order exists: a few operations that fit in none, and a sentence that names them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice

from splitbrain.checkers import gibbons_korach
from splitbrain.checkers.gibbons_korach import Conflict
from splitbrain.checkers.models import MODELS, READS, WRITES, Model
from splitbrain.checkers.search import INFINITY, Search
from splitbrain.records import FAIL, OK, UNKNOWN, Operation, Witness, arguments, short

EFFORT = 300_000
ATTEMPT = 10_000


def smallest_witness(operations: Sequence[Operation], stuck: Operation, model: Model) -> list[Operation]:
    """Cut operations that fit in no order down to a few that do not either, whether or not the others happened.

    An operation that is let go is not taken out: it may have happened, at its time and with any answer, or not at
    all. (Were a write taken out, every read of its value would fail for want of it, and prove nothing about the
    history.) So what remains is enough to condemn the whole, and none of it can be spared.

    Parameters
    ----------
    operations : sequence of Operation
        Of one object, those that happened or may have.
    stuck : Operation
        As `Search` found it: nothing that began after its end is needed.

    Returns
    -------
    list of Operation
        In the order of their beginnings. No single one can be let go, unless `EFFORT` was not enough to find out.
    """
    end = _end(stuck)
    some = sorted((o for o in operations if o.start <= end), key=lambda o: o.start)
    needed, effort = _suffix(some, stuck, model)
    return [some[i] for i in sorted(fewest(needed, lambda kept: _fails(some, kept, end, model), effort))]


def fewest(needed: set[int], fails: Callable[[set[int]], tuple[bool, int]], effort: int) -> set[int]:
    """Let go of all that can be spared: first by halves, then by ever smaller parts, at last one by one.

    `fails` says whether a set still fails, and what it cost to tell; when that comes to more than `effort`, it ends.
    """
    step = len(needed)
    while step and effort > 0:
        step, before = max(step // 2, 1), len(needed)
        for go in _chunks(sorted(needed), step):
            if effort > 0:
                still, cost = fails(needed.difference(go))
                effort -= cost
                needed = needed.difference(go) if still else needed
        if step == 1 and len(needed) == before:
            break
    return needed


def _suffix(operations: Sequence[Operation], stuck: Operation, model: Model) -> tuple[set[int], int]:
    """Of the last 1, 2, 4, ... operations the fewest that fit in no order; and the effort that is left."""
    size, effort, last, place = len(operations), EFFORT, 1, operations.index(stuck)
    while last < size and effort > 0:
        needed = {place, *range(size - last, size)}
        fails, cost = _fails(operations, needed, _end(stuck), model)
        effort -= cost
        if fails:
            return needed, effort
        last *= 2
    return set(range(size)), effort


def _chunks(items: Sequence[int], size: int) -> list[Sequence[int]]:
    return [items[i:i + size] for i in range(0, len(items), size)]


def _fails(operations: Sequence[Operation], needed: set[int], end: float, model: Model) -> tuple[bool, int]:
    """Whether these fit in no order even if all but the needed are let go; and the effort to tell."""
    # What was not over at the end may have waited for what came after, so nobody says that it comes before. If it
    # does come before, its answer counts, though it was given later.
    held = [o for i, o in enumerate(operations) if i in needed and (o.status != OK or _end(o) <= end)]
    still = [o for i, o in enumerate(operations) if i in needed and o.status == OK and _end(o) > end]
    gone = [replace(o, status=UNKNOWN) for i, o in enumerate(operations) if i not in needed]
    search = Search(held, model, loose=still + gone)
    states = sum(1 for _ in islice(iter(search), ATTEMPT))
    return search.stuck is not None, states + len(operations) // 10


def _end(operation: Operation) -> float:
    return INFINITY if operation.end is None else operation.end


def explain_stuck(operations: Sequence[Operation], stuck: Operation, model: Model,
                  failed: Sequence[Operation] = ()) -> tuple[str, Witness]:
    """The sentence and the witness for a search that ended without an order."""
    few = smallest_witness(operations, stuck, model)
    if model is MODELS["register"]:
        conflict = _as_zones(few, operations, stuck, model)
        if conflict is not None:
            return explain_conflict(conflict, failed)
    others = [o for o in few if o is not stuck]
    edges = tuple((a.index, b.index, "was over before it began") for a in few for b in few if _before(a, b))
    return _sentence(stuck, others), Witness(tuple(few), edges=edges)


def _sentence(stuck: Operation, others: Sequence[Operation]) -> str:
    if not others:
        return f"{told(stuck)}, which no order of the operations explains"
    if len(others) == 1 and _before(others[0], stuck):
        return (f"{told(stuck)} after {told(others[0], earlier=True)}, "
                "and nothing that may have come between explains it")
    return f"{told(stuck)}, which no order true to real time explains together with: {'; '.join(map(told, others))}"


def _as_zones(few: Sequence[Operation], operations: Sequence[Operation], stuck: Operation,
              model: Model) -> Conflict | None:
    # Few operations of a register mostly have values that differ, whatever the whole has: then the reason is as
    # plain as there, once each read has the write beside it that came last before it.
    shown = {o.start: o for o in few}
    for read in (o for o in few if o.f in READS):
        shown |= {o.start: o for o in [o for o in _writes(read, operations) if o.start <= read.start][-1:]}
    part = [shown[start] for start in sorted(shown)]
    if not gibbons_korach.applies(part, model.initial):
        return None
    conflict = gibbons_korach.conflict(part, model.initial)
    if conflict is None or (conflict.kind == "nowhere" and _writes(conflict.operations[0], operations)):
        return None
    # It may rest on a value that others wrote as well: let it condemn the whole by itself.
    some = [o for o in operations if o.start <= _end(stuck)]
    named = {i for i, o in enumerate(some) if any(o is other for other in conflict.operations)}
    return conflict if _fails(some, named, _end(stuck), model)[0] else None


def explain_conflict(conflict: Conflict, failed: Sequence[Operation] = ()) -> tuple[str, Witness]:
    """The sentence and the witness for a register whose written values differ; `failed` are writes that failed."""
    if conflict.kind == "nowhere":
        read, = conflict.operations
        for write in _writes(read, failed):
            return f"{told(read)}, although {told(write)} and was told that it had failed", Witness((write, read))
        return f"{told(read)}, which nobody wrote", Witness((read,))
    if conflict.kind == "future":
        read, write = conflict.operations
        edge = read.index, write.index, "was over before it began"
        return f"{told(read)} before {told(write)}", Witness((read, write), edges=(edge,))
    return _explain_zones(*conflict.operations)


def _explain_zones(a: Operation | None, b: Operation, c: Operation, d: Operation) -> tuple[str, Witness]:
    pairs = [(x, y) for x, y in ((a, b), (c, d)) if x is not None]
    operations = tuple(sorted({o.start: o for pair in pairs for o in pair}.values(), key=lambda o: o.start))
    witness = Witness(operations, edges=tuple((x.index, y.index, "was over before it began") for x, y in pairs))
    if a is None:
        sentence = f"{told(d)}, the initial value, after {told(c, earlier=True)}"
    elif b is c:
        sentence = f"{told(d)} after {told(c, earlier=True)}, although {told(a, earlier=True)} before that"
    else:
        sentence = (f"{told(d)} after {told(c, earlier=True)}, although {told(b)} after {told(a, earlier=True)}: "
                    "each value would have to come before the other")
    return sentence, witness


def _writes(read: Operation, operations: Sequence[Operation]) -> list[Operation]:
    """The operations that would have written what was read."""
    return [o for o in operations if o.f in WRITES and o.key == read.key and o.value == read.result]


def _before(a: Operation, b: Operation) -> bool:
    return a.status == OK and a.end is not None and a.end < b.start


def told(operation: Operation, *, earlier: bool = False) -> str:
    """One operation in words: ``c2 read x = 1``; `earlier`: ``c2 had read x = 1``."""
    o, subject = operation, f"{who(operation)} had" if earlier else who(operation)
    if o.f in READS:
        return f"{subject} read {_assigned(o.key, o.result)}"
    open_end = " (outcome unknown)" if o.status == UNKNOWN else ""
    if o.f in WRITES and o.status == FAIL:
        return f"{subject} tried to write {_assigned(o.key, o.value)}"
    if o.f in WRITES:
        return f"{subject} {'written' if earlier else 'wrote'} {_assigned(o.key, o.value)}{open_end}"
    says = o.status == OK and o.result is not None and o.result != o.value
    asked = ", ".join(map(_cut, arguments(o.key, o.value)))
    return f"{subject} called {o.f}({asked}){f' -> {_cut(o.result)}' if says else ''}{open_end}"


def who(operation: Operation) -> str:
    """Who did it: the client's name, or ``process 3``."""
    return operation.process if isinstance(operation.process, str) else f"process {operation.process}"


def _assigned(key, value) -> str:
    return _cut(value) if key is None else f"{short(key)} = {_cut(value)}"


def _cut(value) -> str:
    return short(repr(value), 60)


def first_few(parts: Sequence[str], *, between: str = ", ", most: int = 3) -> str:
    """The first few, and how many more there are.

    >>> first_few(["a", "b", "c", "d", "e"])
    'a, b, c, and 2 more'
    """
    return between.join([*parts[:most], *[f"and {len(parts) - most} more"] * (len(parts) > most)])


def plural(count: int, noun: str) -> str:
    """``1 operation``, ``2 operations``.

    >>> plural(2, "key")
    '2 keys'
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"
