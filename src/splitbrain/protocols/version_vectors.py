"""Which of two versions came first, or neither: version vectors, and versions that are siblings.

D. S. Parker et al., "Detection of Mutual Inconsistency in Distributed Systems", IEEE TSE 1983: a vector counts, for
every node, how many of its writes are known. G. DeCandia et al., "Dynamo: Amazon's Highly Available Key-value Store",
SOSP 2007, section 4.4, keeps versions that do not know of each other as siblings, for the client to reconcile.
N. Preguiça et al., "Dotted Version Vectors", 2010: a version has a *dot*, which write it is, apart from its *past*,
what its writer had read. Without dots, two clients that write through one node after the same reading count as one
after the other, and an update is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Vector = Mapping[str, int]

EQUAL, BEFORE, AFTER, CONCURRENT = "equal", "before", "after", "concurrent"


def covers(a: Vector, b: Vector) -> bool:
    """Whether `a` knows all that `b` knows.

    >>> covers({"n1": 2}, {"n1": 1}), covers({"n1": 2}, {"n2": 1})
    (True, False)
    """
    return all(a.get(node, 0) >= count for node, count in b.items())


def order(a: Vector, b: Vector) -> str:
    """How `a` stands to `b`: ``equal``, ``before``, ``after`` or ``concurrent``.

    >>> order({"n1": 1}, {"n1": 1, "n2": 1}), order({"n1": 1}, {"n2": 1})
    ('before', 'concurrent')
    """
    return {(True, True): EQUAL, (False, True): BEFORE, (True, False): AFTER, (False, False): CONCURRENT}[
        covers(a, b), covers(b, a)]


def join(*vectors: Vector) -> dict[str, int]:
    """The least vector that knows all that these know.

    >>> join({"n1": 2}, {"n1": 1, "n2": 3})
    {'n1': 2, 'n2': 3}
    """
    joined: dict[str, int] = {}
    for vector in vectors:
        for node, count in vector.items():
            joined[node] = max(count, joined.get(node, 0))
    return dict(sorted(joined.items()))


@dataclass(frozen=True)
class Version:
    """A value that was written: the write number `count` of `node`, by somebody who had read what `past` says."""

    node: str
    count: int
    past: Vector = field(hash=False)
    value: Any = field(hash=False)

    def knows(self, other: Version) -> bool:
        """Whether its writer had read the other one, which it thereby replaces."""
        return self.past.get(other.node, 0) >= other.count

    @property
    def plain(self) -> list:
        """As a message carries it; ``Version(*plain)`` is the same again."""
        return [self.node, self.count, dict(self.past), self.value]


Siblings = tuple[Version, ...]


def merge(*sets: Iterable[Version]) -> Siblings:
    """All versions that no other one replaces: commutative, associative, idempotent.

    A set of siblings has to be passed on as a whole. Who has seen a node's write number 7, but not its number 4,
    would claim to know both.

    >>> old = Version("n1", 1, {}, "milk")
    >>> new, other = Version("n1", 2, {"n1": 1}, "milk, eggs"), Version("n2", 1, {"n1": 1}, "milk, flour")
    >>> [version.value for version in merge([old, new], [other])]
    ['milk, eggs', 'milk, flour']
    """
    found = {(version.node, version.count): version for versions in sets for version in versions}
    return tuple(found[dot] for dot in sorted(found) if not any(other.knows(found[dot]) for other in found.values()))


def context(versions: Iterable[Version]) -> dict[str, int]:
    """All that these know: who writes next gives it as the past of the new version."""
    return join(*(part for version in versions for part in (version.past, {version.node: version.count})))
