"""Lab 05, clocks: the learner's counts and vectors beside the set of all that happened before, event by event."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from splitbrain.course.feedback import Wrong, exercise, expect, learner_code

NODES = ("n1", "n2", "n3")
RELATIONS = ("before", "after", "same", "concurrent")


@dataclass(frozen=True)
class Step:
    """One event of a run: `message` is None for one that neither sends nor receives."""

    node: str
    kind: str  # "does something", "sends", "receives"
    message: int | None = None

    def __str__(self) -> str:
        return f"{self.node} {self.kind}" + ("" if self.message is None else f" m{self.message}")


@exercise("05_histories", "clocks", title="Clocks that count", lines=14, seconds=10, hints=(
    "Receiving is an event, too: it counts. And what a message brings may be more than a node has, or less, for each "
    "entry apart.",
    "lamport: the larger of the two, and one more. merge: the larger of the two for every node that either of them "
    "knows, and then one more for `me`. A node that a vector does not name has 0 there: `v.get(name, 0)`.",
    "compare: with `names = v.keys() | w.keys()`, `less = all(v.get(n, 0) <= w.get(n, 0) for n in names)`, and `more` "
    "the other way round. Both are the same, one of them is before or after, none is concurrent."))
def check_clocks(lamport: Callable, advance: Callable, merge: Callable, compare: Callable) -> str:
    runs = list(_runs())
    for run in runs:
        _follow_lamport(run, lamport)
    for run in runs:
        _follow_vectors(run, advance, merge)
    pairs = _compare_all(runs, compare)
    return (f"in {len(runs)} runs your vectors count exactly what happened before, your Lamport clocks never run "
            f"backwards, and of {pairs:,} pairs of events you tell which was first, or that nobody can.")


def _runs() -> Iterator[list[Step]]:
    """The shortest first, so that what fails first is easy to follow."""
    yield [Step("n1", "does something"), Step("n1", "does something")]
    yield [Step("n1", "sends", 1), Step("n2", "receives", 1)]
    for seed in range(120):
        yield _random_run(Random(seed), 2 + seed // 10)


def _random_run(dice: Random, length: int) -> list[Step]:
    run: list[Step] = []
    flying: list[int] = []
    for number in range(1, length + 1):
        kind = ("sends", "receives", "does something")[int(dice.random() * 3)]
        node = NODES[int(dice.random() * 3)]
        if kind == "receives" and flying:
            message = flying.pop(int(dice.random() * len(flying)))
            sender = next(step.node for step in run if step.message == message)
            run.append(Step(NODES[(NODES.index(sender) + 1 + int(dice.random() * 2)) % 3], kind, message))
        elif kind == "sends":
            flying.append(number)
            run.append(Step(node, kind, number))
        else:
            run.append(Step(node, "does something"))
    return run


@dataclass
class _Past:
    """What is true of a run: for each event all that happened before it, itself included."""

    run: list[Step]
    of: list[frozenset[int]] = field(default_factory=list)

    def __post_init__(self):
        last: dict[str, frozenset[int]] = {}
        for number, step in enumerate(self.run):
            known = last.get(step.node, frozenset()) | {number}
            if step.kind == "receives":
                known |= self.of[self.sending(number)]
            last[step.node] = known
            self.of.append(known)

    def sending(self, number: int) -> int:
        return next(n for n, step in enumerate(self.run) if step.kind == "sends"
                    and step.message == self.run[number].message)

    def vector(self, number: int) -> dict[str, int]:
        return dict(sorted(Counter(self.run[n].node for n in self.of[number]).items()))

    def relation(self, a: int, b: int) -> str:
        return ("same" if a == b else "before" if a in self.of[b] else "after" if b in self.of[a] else "concurrent")


def _follow_lamport(run: list[Step], lamport: Callable) -> None:
    counts, stamps = dict.fromkeys(NODES, 0), {}
    for number, step in enumerate(run):
        count, stamp = counts[step.node], stamps.get(step.message) if step.kind == "receives" else None
        call = f"lamport({count})" if stamp is None else f"lamport({count}, {stamp})"
        with learner_code(f"in {call}"):
            found = lamport(count) if stamp is None else lamport(count, stamp)
        right = max(count, stamp or 0) + 1
        if expect(found, int, of=call) != right:
            raise Wrong(f"{_told(run, number)} {_why_not(step, count, stamp, found)}",
                        expected=f"{call} returns {right}", got=found)
        counts[step.node] = found
        if step.kind == "sends":
            stamps[step.message] = found


def _why_not(step: Step, count: int, stamp: int | None, found: int) -> str:
    if stamp is None:
        return f"{step.node} had counted to {count}; every event counts one more."
    if found <= stamp:
        return f"The message was sent at {stamp}, and is received at {found}: the effect is not after its cause."
    if found <= count:
        return f"{step.node} had counted to {count}; its clock may not run backwards, or stand still."
    return f"{step.node} had counted to {count}, the message brings {stamp}."


def _follow_vectors(run: list[Step], advance: Callable, merge: Callable) -> None:
    past, vectors = _Past(run), {node: {} for node in NODES}
    for number, step in enumerate(run):
        mine = vectors[step.node]
        if step.kind == "receives":
            arguments, name, function = [mine, step.node, past.vector(past.sending(number))], "merge", merge
        else:
            arguments, name, function = [mine, step.node], "advance", advance
        found = _call(function, name, arguments)
        right = past.vector(number)
        if {n: c for n, c in found.items() if c} != right:
            raise Wrong(f"{_told(run, number)} {_vector_slip(found, right, step)}",
                        expected=f"{_spelled(name, arguments)} returns {right}", got=found)
        vectors[step.node] = right  # sparse, as it began: nodes that were not heard of are missing


def _call(function: Callable, name: str, arguments: list) -> dict[str, int]:
    given = copy.deepcopy(arguments)
    call = _spelled(name, arguments)
    with learner_code(f"in {call}"):
        found = function(*given)
    expect(found, dict[str, int], "a vector: a dict of a node's name to a whole number", of=call)
    for before, after in zip(arguments, given, strict=True):
        if before != after:
            raise Wrong(f"{call} changes the vector that it was given. The message that carries it, and every event "
                        "that was stamped with it, would change with it.",
                        expected=f"{before} stays what it was", got=after)
    return found


def _vector_slip(found: dict, right: dict, step: Step) -> str:
    me = step.node
    if found.get(me, 0) < right[me]:
        return f"It is an event of {me}, too, so the entry of {me} grows by one."
    lost = [n for n, count in right.items() if found.get(n, 0) < count]
    if lost:
        return f"{me} forgets what it knows of {lost[0]}: {right[lost[0]]} of its events happened before this one."
    more = [n for n, count in found.items() if count > right.get(n, 0)]
    return f"Only {right.get(more[0], 0)} events of {more[0]} happened before this one."


def _compare_all(runs: list[list[Step]], compare: Callable) -> int:
    pairs = 0
    for run in runs:
        past = _Past(run)
        for a in range(len(run)):
            for b in range(len(run)):
                v, w = past.vector(a), past.vector(b)
                _compare(v, w, past.relation(a, b), compare)
                pairs += 1
    _compare({"n1": 1, "n2": 0}, {"n1": 1}, "same", compare)
    return pairs


def _compare(v: dict, w: dict, right: str, compare: Callable) -> None:
    call = f"compare({v}, {w})"
    with learner_code(f"in {call}"):
        found = compare(dict(v), dict(w))
    if expect(found, str, f"one of {', '.join(RELATIONS)}", of=call) == right:
        return
    why = {"concurrent": "Each has counted an event that the other has not: nobody can say which was first.",
           "same": "They count the same (a node that is missing has 0).",
           "before": "The second knows all that the first knows, and more.",
           "after": "The first knows all that the second knows, and more."}
    raise Wrong(f"{call} says {found!r}. {why[right]}", expected=repr(right), got=repr(found))


def _spelled(name: str, arguments: list[Any]) -> str:
    return f"{name}({', '.join(map(repr, arguments))})"


def _told(run: list[Step], number: int) -> str:
    """The run up to the event in question, in words."""
    before = "; ".join(map(str, run[:number]))
    return f"{f'{before}; and then ' if before else 'First '}{run[number]}."
