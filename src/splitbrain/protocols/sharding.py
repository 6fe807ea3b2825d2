"""Which node a key belongs to: by hash modulo the number of nodes, or by consistent hashing.

D. Karger et al., "Consistent Hashing and Random Trees", STOC 1997; several tokens a node after G. DeCandia et al.,
"Dynamo: Amazon's Highly Available Key-value Store", SOSP 2007, section 4.2.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b

CIRCLE = 2**64


def position(name: str) -> int:
    """Where a name stands on the circle, from 0 to ``2**64 - 1``: the same in every process, unlike ``hash``."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest())


@dataclass(frozen=True)
class Modulo:
    """The key's position modulo the number of nodes."""

    nodes: tuple[str, ...]

    def __post_init__(self):
        object.__setattr__(self, "nodes", _names(self.nodes))

    def owner(self, key: str) -> str:
        """The node of a key."""
        return self.nodes[position(key) % len(self.nodes)]

    def joined(self, node: str) -> Modulo:
        """The same with one node more."""
        return replace(self, nodes=(*self.nodes, node))

    def left(self, node: str) -> Modulo:
        """The same without this node."""
        return replace(self, nodes=_without(self.nodes, node))


@dataclass(frozen=True)
class Ring:
    """Every node puts `tokens` tokens on a circle; a key belongs to the next token clockwise.

    A node that joins takes keys and gives none, and one that leaves gives its own and no others. A share of about
    ``1 / (N + 1)`` moves when one joins N. With one token a node the shares are very uneven: their standard
    deviation is nearly the mean. With V tokens it is about ``1 / sqrt(V)`` of the mean.

    Parameters
    ----------
    nodes : sequence of str
    tokens : int
        Tokens a node ("virtual nodes").

    Examples
    --------
    >>> ring = Ring(["n1", "n2", "n3"], tokens=8)
    >>> keys = [f"k{i}" for i in range(1000)]
    >>> {ring.joined("n4").owner(key) for key in moved(ring, ring.joined("n4"), keys)}
    {'n4'}
    """

    nodes: tuple[str, ...]
    tokens: int = 64
    circle: tuple[tuple[int, str], ...] = field(init=False, repr=False, compare=False)
    _places: list[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        object.__setattr__(self, "nodes", _names(self.nodes))
        if self.tokens < 1:
            raise ValueError(f"a node has at least one token, not {self.tokens}")
        circle = sorted((position(f"{node}#{i}"), node) for node in self.nodes for i in range(self.tokens))
        object.__setattr__(self, "circle", tuple(circle))
        object.__setattr__(self, "_places", [place for place, _ in circle])

    def owner(self, key: str) -> str:
        """The node of a key."""
        return self.circle[self._next(key)][1]

    def owners(self, key: str, copies: int) -> list[str]:
        """The nodes that keep so many copies of a key: the owner, then the next others clockwise (Dynamo, 4.3)."""
        start, found = self._next(key), {}
        for place in range(start, start + len(self.circle)):
            if len(found) == copies:
                break
            found[self.circle[place % len(self.circle)][1]] = True
        return list(found)

    def joined(self, node: str) -> Ring:
        """The same with one node more."""
        return replace(self, nodes=(*self.nodes, node))

    def left(self, node: str) -> Ring:
        """The same without this node."""
        return replace(self, nodes=_without(self.nodes, node))

    def arcs(self) -> list[tuple[int, int, str]]:
        """What belongs to whom: (after this position, up to this one, node), in order; the first arc runs through 0."""
        return [(self.circle[i - 1][0], place, node) for i, (place, node) in enumerate(self.circle)]

    def _next(self, key: str) -> int:
        return bisect_left(self._places, position(key)) % len(self.circle)


def moved(before: Ring | Modulo, after: Ring | Modulo, keys: Iterable[str]) -> list[str]:
    """The keys whose node is another one afterwards."""
    return [key for key in keys if before.owner(key) != after.owner(key)]


def loads(placement: Ring | Modulo, keys: Iterable[str]) -> dict[str, int]:
    """How many keys each node has."""
    count = dict.fromkeys(placement.nodes, 0)
    for key in keys:
        count[placement.owner(key)] += 1
    return count


def _names(nodes: Sequence[str]) -> tuple[str, ...]:
    if isinstance(nodes, str) or not nodes or len(set(nodes)) < len(nodes):
        raise ValueError(f"nodes are at least one name, and no name twice, not {nodes!r}")
    return tuple(nodes)


def _without(nodes: tuple[str, ...], node: str) -> tuple[str, ...]:
    if node not in nodes:
        raise ValueError(f"there is no node {node!r}; there are {', '.join(nodes)}")
    return tuple(name for name in nodes if name != node)
