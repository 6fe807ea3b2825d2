"""Lab 08, values that merge: the learner's beside the set of all changes that a replica has heard of.

A program is a few steps of three replicas. What is heard is a copy, as a message is, and may be an old one. After every
step the replica's value has to follow from the changes it has heard of.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from splitbrain.course.feedback import Wrong, exercise, expect, learner_code

NODES = ("n1", "n2", "n3")


@dataclass(frozen=True)
class Step:
    """One thing that a replica does: ``add`` or ``remove`` (what), or ``hear`` (another one's state, now or of old)."""

    node: str
    does: str
    what: Any
    after: int | None = None  # hear: the state after this step of the program; None: the present one

    def told(self, number: int) -> str:
        line = f"{number}. {self.node} "
        if self.does != "hear":
            return line + f"{self.does}s {self.what!r}"
        if self.after is None:
            return line + f"hears {self.what}'s state"
        when = f"after step {self.after}" if self.after else "in the beginning"
        return line + f"hears {self.what}'s state as it was {when}, in a message that came late"


def does(text: str) -> list[Step]:
    """Steps as text: ``"n1 add 2; n2 hear n1; n2 hear n1 @1"``; ``@1``: as it was after step 1.

    >>> does("n1 add 2; n2 hear n1 @1")[1]
    Step(node='n2', does='hear', what='n1', after=1)
    """
    steps = []
    for part in text.split("; "):
        node, verb, what, *old = part.split()
        number = what.removeprefix("-").isdigit()
        steps.append(Step(node, verb, int(what) if number else what, int(old[0][1:]) if old else None))
    return steps


@dataclass
class Kind:
    """What is to be checked of a sort of value: how it is asked, and what it should say."""

    name: str  # the class's, as the learner calls it
    ask: Callable[[Any], Any]
    says: str  # the call that asks
    shape: Any
    meaning: Callable[[frozenset], Any]
    scenes: Sequence[tuple[str, str]]  # a program, and what is wrong with who fails in it
    draw: Callable[[Random], tuple[str, Any]]
    changes: dict[int, tuple[str, Any, frozenset]] = field(default_factory=dict)


def _check(kind: Kind, make: Callable[[], Any]) -> int:
    """Run the scenes, then random programs, the short ones first; how many programs there were."""
    for text, why in kind.scenes:
        _run(kind, make, does(text), why)
    programs = list(_random_programs(kind))
    for program in programs:
        try:
            _run(kind, make, program, "")
        except Wrong:
            _run(kind, make, _smaller(kind, make, program), "What it says does not follow from what it has heard.")
            raise
    return len(kind.scenes) + len(programs)


def _random_programs(kind: Kind) -> Iterator[list[Step]]:
    for seed in range(150):
        luck, program = Random(seed), []
        for number in range(3 + seed // 12):
            node = NODES[int(luck.random() * 3)]
            if luck.random() < 0.5:
                program.append(Step(node, *kind.draw(luck)))
            else:
                other = NODES[(NODES.index(node) + 1 + int(luck.random() * 2)) % 3]
                program.append(Step(node, "hear", other, int(luck.random() * number) if luck.random() < 0.3 else None))
        yield program


def _smaller(kind: Kind, make: Callable[[], Any], program: list[Step]) -> list[Step]:
    """The program with every step taken away that it fails without."""
    place = 0
    while place < len(program):
        fewer = [_moved(step, place) for i, step in enumerate(program) if i != place]
        try:
            _run(kind, make, fewer, "")
        except Wrong:
            program, place = fewer, 0
        else:
            place += 1
    return program


def _moved(step: Step, gone: int) -> Step:
    """A step of a program from which one before it was taken: old states are counted from the beginning."""
    return replace(step, after=step.after - 1) if step.after is not None and step.after > gone else step


def _run(kind: Kind, make: Callable[[], Any], program: list[Step], why: str) -> None:
    kind.changes.clear()
    with learner_code(f"in {kind.name}()"):
        replicas = {node: make() for node in NODES}
    heard: dict[str, frozenset[int]] = dict.fromkeys(NODES, frozenset())
    past = [(copy.deepcopy(replicas), dict(heard))]
    for number, step in enumerate(program, 1):
        states, known = (replicas, heard) if step.after is None else past[step.after]
        answer = _do(kind, replicas[step.node], step, states)
        if step.does == "hear":
            heard[step.node] |= known[step.what]
        else:
            kind.changes[number] = step.does, step.what, heard[step.node]
            heard[step.node] |= {number}
        for node in NODES:
            note = _note(replicas[node], node, step, answer)
            _compare(kind, replicas[node], node, heard[node], program[:number], why + note)
        past.append((copy.deepcopy(replicas), dict(heard)))


def _do(kind: Kind, replica: Any, step: Step, states: dict[str, Any]) -> Any:
    with learner_code(f"in {kind.name}.{'merge' if step.does == 'hear' else step.does}"):
        if step.does == "hear":
            return replica.merge(copy.deepcopy(states[step.what]))
        if step.does == "remove":
            return replica.remove(step.what)
        return replica.add(step.node, step.what)


def _note(replica: Any, node: str, step: Step, answer: Any) -> str:
    """What may be behind a wrong value at a node, after this step."""
    if node != step.node:
        return f"\n(It was {step.node} that did something, and {node} changed: do they share state?)"
    if isinstance(answer, type(replica)) and answer is not replica:
        method = "merge" if step.does == "hear" else step.does
        return f"\n({method} returned a new object. It is the object itself that has to change.)"
    return ""


def _compare(kind: Kind, replica: Any, node: str, heard: frozenset[int], program: list[Step], why: str) -> None:
    with learner_code(f"in {kind.name}.{kind.says}"):
        found = kind.ask(replica)
    expect(found, kind.shape, of=f"{kind.name}().{kind.says}")
    right = kind.meaning(frozenset((n, *kind.changes[n]) for n in heard))
    if found != right:
        story = "\n".join(step.told(number) for number, step in enumerate(program, 1))
        raise Wrong(f"{why}\n{story}", expected=f"{node}: {right!r}", got=f"{node}: {found!r}")


_COUNTER = Kind(
    "Counter", lambda counter: counter.value(), "value()", int,
    lambda heard: sum(amount for _, _, amount, _ in heard), (
        ("n1 add 2; n1 add 3", "One node, nobody else, and the sum is wrong."),
        ("n1 add 2; n1 add -3", "It has to go down as well."),
        ("n1 add 2; n2 add 3; n1 hear n2", "Two nodes have added apart, and both additions count."),
        ("n1 add 2; n2 hear n1; n2 hear n1",
         "The same state was heard a second time, and changed the value: merging has to be idempotent."),
        ("n1 add 2; n2 hear n1; n1 hear n2", "What comes back by a detour is no news."),
        ("n1 add 2; n2 hear n1; n2 add 3; n1 hear n2", "Who has heard of others goes on counting for itself."),
        ("n1 add 2; n1 add 3; n2 hear n1; n2 hear n1 @1", "An old message came late, and took back what was known."),
        ("n1 add 5; n2 hear n1; n1 add -3; n2 hear n1",
         "A node has taken something away, and who knew the higher count does not believe it."),
        ("n1 add 5; n1 add -3; n2 hear n1; n2 hear n1 @1", "An old message came late: what was taken away is back."),
        ("n1 add 4; n2 add -1; n3 hear n1; n3 hear n2; n1 hear n3; n2 hear n3",
         "News that comes by way of a third node counts, and counts once.")),
    lambda luck: ("add", int(luck.random() * 7) - 3))


def _observed(heard: frozenset) -> set:
    """The elements of which some addition was in front of nobody who removed that element."""
    added = {number: element for number, f, element, _ in heard if f == "add"}
    removed = {one for _, f, element, seen in heard if f == "remove" for one in seen if added.get(one) == element}
    return {element for number, element in added.items() if number not in removed}


_CART = Kind(
    "Cart", lambda cart: cart.elements(), "elements()", set[str], _observed, (
        ("n1 add milk; n1 add eggs", "What was added is in it."),
        ("n1 add milk; n1 remove milk", "What was removed is not in it."),
        ("n1 remove milk; n1 add milk", "To remove what is not there does nothing."),
        ("n1 add milk; n1 add milk; n1 remove milk", "Added twice, removed once by one who saw both: it is gone."),
        ("n1 add milk; n2 add eggs; n1 hear n2", "Two nodes have added apart: both are in it."),
        ("n1 add milk; n2 hear n1; n2 remove milk; n1 hear n2",
         "A removal has to travel, too: whoever hears of it, and has only what was removed, loses it."),
        ("n1 add milk; n2 hear n1; n2 remove milk; n2 hear n1",
         "What was removed is back, with an old message and without anybody adding it. How can a node tell what is "
         "gone from what is new?"),
        ("n1 add milk; n2 hear n1; n2 remove milk; n3 hear n2; n3 hear n1",
         "What was removed is back at a node that heard of the removal first, and of the addition afterwards."),
        ("n1 add milk; n2 hear n1; n2 remove milk; n3 add milk; n2 hear n3",
         "One removed, another added, neither knew of the other: add wins, for nobody has removed this addition."),
        ("n1 add milk; n2 hear n1; n2 remove milk; n3 add milk; n3 hear n2",
         "Who had added hears of a removal that was not of this addition: add wins."),
        ("n1 add milk; n2 hear n1; n2 remove milk; n1 add milk; n1 hear n2",
         "n1 has added it again before it heard of the removal, which was of the first addition: each addition is "
         "another one."),
        ("n1 add milk; n1 remove milk; n1 add milk", "What was removed may be added again."),
        ("n1 add milk; n2 hear n1; n1 remove milk; n1 add milk; n2 hear n1; n2 hear n1 @3",
         "Removed and added again, and then an old message from between the two: the new addition stays.")),
    lambda luck: (("add", "remove")[luck.random() < 0.4], ("milk", "eggs")[luck.random() < 0.4]))


@exercise("08_base", "counter", title="A counter that merges", lines=10, seconds=10, hints=(
    "If every node keeps one total, nobody can tell what of it is news. What would a node have to know of each *other* "
    "node, so that hearing it twice does no harm?",
    "For each node apart, what it has added: then the larger of two numbers is the newer one. But a number that goes "
    "up and down has no larger that is newer, so keep what was added and what was taken away apart.",
    "self.up and self.down, a dict each. add: one of the two, for this node, grows by abs(amount). merge: for both "
    "dicts and each node, max(mine.get(node, 0), theirs.get(node, 0)). value: sum(up) - sum(down)."))
def check_counter(Counter: type) -> str:
    return f"in {_check(_COUNTER, Counter)} programs of three replicas each value is the sum of what was heard of."


@exercise("08_base", "cart", title="A set in which add wins", lines=12, seconds=10, hints=(
    "A node that hears of milk has to know whether it is new, or old and removed since. What distinguishes one "
    "addition of milk from another, and how does one remember that it is gone?",
    "Give each addition a tag that no other one has. To remove an element is to remove the tags that one sees, and to "
    "remember them as removed, for ever. Merge: all tags that either knows, but for those that either has removed.",
    "self.tags = {} (tag: element) and self.gone = set(). A tag: (node, a count of this node's that never goes back). "
    "remove: move the tags of the element into gone. merge: gone |= other.gone; tags |= other.tags; then drop what is "
    "in gone."))
def check_cart(Cart: type) -> str:
    return f"in {_check(_CART, Cart)} programs of three replicas add won, and nothing removed came back by itself."
