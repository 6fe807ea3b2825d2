"""Values that merge: counters, a register and a set, each of which any two replicas can bring together.

M. Shapiro, N. Preguiça, C. Baquero and M. Zawirski, "Conflict-free Replicated Data Types", SSS 2011; the specifications
named below are those of their "Comprehensive Study of Convergent and Commutative Replicated Data Types", INRIA RR-7506.
`merge` is commutative, associative and idempotent, and every change makes a state that contains the former one: so
whatever is lost, repeated or overtaken on the way, who has heard of the same changes holds the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from splitbrain.protocols.version_vectors import join


@dataclass(frozen=True)
class GCounter:
    """A counter that only grows (specification 6): what each node has added, apart.

    >>> a, b = GCounter().add("n1", 2), GCounter().add("n2")
    >>> a.merge(b).merge(b).value
    3
    """

    counts: Mapping[str, int] = field(default_factory=dict)

    def add(self, node: str, amount: int = 1) -> GCounter:
        """What a node makes of it that adds so much. ValueError if that is negative."""
        if amount < 0:
            raise ValueError(f"a G-counter only grows; it cannot add {amount}")
        return GCounter(join(self.counts, {node: self.counts.get(node, 0) + amount}))

    def merge(self, other: GCounter) -> GCounter:
        return GCounter(join(self.counts, other.counts))

    @property
    def value(self) -> int:
        return sum(self.counts.values())

    @property
    def plain(self) -> Any:
        return dict(self.counts)

    @classmethod
    def read(cls, plain: Any) -> GCounter:
        return cls(plain)


@dataclass(frozen=True)
class PNCounter:
    """A counter that goes up and down (specification 7): two that grow, one for what was taken away.

    >>> PNCounter().add("n1", 5).merge(PNCounter().add("n2", -2)).value
    3
    """

    up: GCounter = GCounter()
    down: GCounter = GCounter()

    def add(self, node: str, amount: int = 1) -> PNCounter:
        if amount < 0:
            return PNCounter(self.up, self.down.add(node, -amount))
        return PNCounter(self.up.add(node, amount), self.down)

    def merge(self, other: PNCounter) -> PNCounter:
        return PNCounter(self.up.merge(other.up), self.down.merge(other.down))

    @property
    def value(self) -> int:
        return self.up.value - self.down.value

    @property
    def plain(self) -> Any:
        return [self.up.plain, self.down.plain]

    @classmethod
    def read(cls, plain: Any) -> PNCounter:
        return cls(*map(GCounter.read, plain))


@dataclass(frozen=True)
class LWWRegister:
    """The last writer wins (specification 8): the value with the latest time, the node's name where times are equal.

    Of two that write at once one is lost. Times here never go back: who writes over a value from a clock that is
    ahead writes right after it. With plain clocks such a write, too, would be lost, although its writer saw the other.

    >>> a = LWWRegister().set("n1", "tea", 10.0)
    >>> b = LWWRegister().set("n2", "coffee", 12.0)
    >>> a.merge(b).value, b.merge(a).set("n1", "water", 5.0).value
    ('coffee', 'water')
    """

    value: Any = None
    time: float = 0.0
    node: str = ""

    def set(self, node: str, value: Any, time: float) -> LWWRegister:
        """What it becomes if a node sets it at this time, in milliseconds of its own clock."""
        return LWWRegister(value, max(time, self.time + 0.001), node)

    def merge(self, other: LWWRegister) -> LWWRegister:
        return max(self, other, key=lambda register: (register.time, register.node))

    @property
    def plain(self) -> Any:
        return [self.value, self.time, self.node]

    @classmethod
    def read(cls, plain: Any) -> LWWRegister:
        return cls(*plain)


Tag = tuple[str, int]  # the node that added, and which of its additions this was


@dataclass(frozen=True)
class ORSet:
    """A set to which one can add and from which one can remove (specification 15): add wins.

    Each addition has a tag of its own. To remove an element is to remove the tags that one sees, so an addition that
    happens at the same time stays. The tags that were removed are kept as tombstones, for ever: whoever meets one of
    them again, in an old message, must know that it is gone, and not new.

    >>> start = ORSet().add("n1", "milk")
    >>> mine, yours = start.remove("n1", "milk"), start.add("n2", "milk")
    >>> mine.value, mine.merge(yours).value
    ([], ['milk'])
    """

    added: frozenset[tuple[Any, Tag]] = frozenset()
    removed: frozenset[Tag] = frozenset()

    def add(self, node: str, element: Any) -> ORSet:
        """What it becomes if a node adds an element, which is a number, a text, None or a tuple of these."""
        own = [count for name, count in {tag for _, tag in self.added} | self.removed if name == node]
        return ORSet(self.added | {(element, (node, max(own, default=0) + 1))}, self.removed)

    def remove(self, node: str, element: Any) -> ORSet:
        """What it becomes if a node removes an element, with all the tags that it has here."""
        return self._without({tag for other, tag in self.added if other == element})

    def merge(self, other: ORSet) -> ORSet:
        return ORSet(self.added | other.added, self.removed)._without(other.removed)

    def _without(self, tags: Iterable[Tag]) -> ORSet:
        removed = self.removed | set(tags)
        return ORSet(frozenset(pair for pair in self.added if pair[1] not in removed), removed)

    @property
    def value(self) -> list:
        return sorted({element for element, _ in self.added}, key=repr)

    @property
    def plain(self) -> Any:
        added = sorted(self.added, key=lambda pair: pair[1])
        return [[[element, *tag] for element, tag in added], [list(tag) for tag in sorted(self.removed)]]

    @classmethod
    def read(cls, plain: Any) -> ORSet:
        added, removed = plain
        return cls(frozenset((_hashable(element), (node, count)) for element, node, count in added),
                   frozenset(map(tuple, removed)))


def _hashable(element: Any) -> Any:
    """JSON and messages make lists of tuples."""
    return tuple(map(_hashable, element)) if isinstance(element, list) else element


CRDT = GCounter | PNCounter | LWWRegister | ORSet
