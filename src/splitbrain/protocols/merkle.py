"""Where two sets of keys differ, without sending them: a Merkle tree.

R. Merkle, "A Digital Signature Based on a Conventional Encryption Function", CRYPTO 1987; between replicas after G.
DeCandia et al., "Dynamo", SOSP 2007, section 4.7. A leaf is the digest of the keys of one range and of what they hold,
an inner node the digest of its two children. Equal roots: equal data. Otherwise only the branches that differ are
followed, so one key of many costs a few digests a level.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b

from splitbrain.protocols.sharding import CIRCLE, position


class MerkleTree:
    """The digests of what is held under each key.

    Parameters
    ----------
    held : mapping of str to str
        Keys, and their contents as text.
    depth : int
        Levels below the root: ``2 ** depth`` ranges of keys. Both sides have to use the same.

    Attributes
    ----------
    levels : list of list of str
        Digests, the root's level first.

    Examples
    --------
    >>> mine, yours = MerkleTree({"x": "1", "y": "2"}), MerkleTree({"x": "1", "y": "3"})
    >>> [len(mine.differing(level, range(len(theirs)), theirs)) for level, theirs in enumerate(yours.levels)]
    [1, 1, 1, 1, 1]
    """

    def __init__(self, held: Mapping[str, str], depth: int = 4):
        self.depth = depth
        self.ranges: list[list[str]] = [[] for _ in range(2**depth)]
        for key in sorted(held):
            self.ranges[position(key) * 2**depth // CIRCLE].append(key)
        self.levels = [[_digest([part for key in keys for part in (key, held[key])]) for keys in self.ranges]]
        while len(self.levels[0]) > 1:
            below = self.levels[0]
            self.levels.insert(0, [_digest(below[i:i + 2]) for i in range(0, len(below), 2)])

    def digests(self, level: int, places: Iterable[int]) -> list[str]:
        """The digests at these places of a level."""
        return [self.levels[level][place] for place in places]

    def differing(self, level: int, places: Sequence[int], theirs: Sequence[str]) -> list[int]:
        """At which of these places the other side's digests are others."""
        ours = self.digests(level, places)
        return [place for place, own, other in zip(places, ours, theirs, strict=True) if own != other]

    def keys(self, places: Iterable[int]) -> list[str]:
        """The keys in these ranges, numbered from the left."""
        return [key for place in places for key in self.ranges[place]]


def children(places: Iterable[int]) -> list[int]:
    """The places of the next level below these."""
    return [child for place in places for child in (2 * place, 2 * place + 1)]


def _digest(parts: Sequence[str]) -> str:
    """Of texts, so that where one ends and the next begins counts, too."""
    return blake2b(repr(list(parts)).encode(), digest_size=8).hexdigest()
