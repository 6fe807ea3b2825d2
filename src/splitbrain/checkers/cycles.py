"""Cycles of dependencies, told apart by their edges: which of Adya's phenomena a history shows.

A cycle is no order, so transactions on one did not run as if one after the other. What kind of cycle it is says how far
from it they were:

- ``G0``: ww edges only, they overwrote each other.
- ``G1c``: ww and wr, information went round in a circle.
- ``G-single-item``: one rw edge, somebody saw a part of what another did.
- ``G-nonadjacent-item``: several rw edges, no two of them in a row. Snapshot isolation forbids such cycles too.
- ``G2-item``: two rw edges in a row, as in write skew.

(*item*: of rows read by their keys. Rows read by a condition would need edges that no history shows.) With process or
real-time edges in it, a cycle is a ``-process`` or ``-realtime`` variant: only models that promise to respect these
orders forbid it. Variants are looked for only where they would rule out a model that is not ruled out already.

Whether there is a cycle of a kind is decided exactly, without going through cycles:

- G0, G1c: by strongly connected components of the graph of these edges.
- G-single-item: an rw edge whose end leads back to its beginning by ww and wr. All rw edges are decided at once, with a
  set of bits for each component of the condensed graph: the beginnings that it leads to.
- G-nonadjacent-item: an rw edge, none of the former, inside a strongly connected component of the graph whose nodes
  are pairs (transaction, did an rw edge lead here) and in which such a pair has no further rw edge.
- G2-item: an rw edge, none of the former, inside a strongly connected component of the whole graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from splitbrain.checkers.dependency import FREE, Edge
from splitbrain.checkers.graphs import alternating, inside, leads, shortest, steps_of
from splitbrain.checkers.isolation import CYCLES, DATA, LEVELS, ruled_out


@dataclass(frozen=True, slots=True)
class Cycle:
    """Edges from transaction to transaction, the last one back to the first, and what such a cycle is called."""

    anomaly: str
    edges: tuple[Edge, ...]


def cycles(core: Sequence[Edge], transactions: int, known: Iterable[str] = ()) -> Iterator[Cycle]:
    """A shortest cycle of every kind that there is, from the gravest kind to the mildest.

    Parameters
    ----------
    core : sequence of (start, end, kind)
        The edges that may lie on cycles, with junctions, as `dependency.Dependencies.core` gives them.
    transactions : int
        Nodes with greater numbers are junctions.
    known : iterable of str
        Anomalies that were found otherwise.

    Notes
    -----
    The cycle is the shortest of its kind unless there are so many that looking at all would take more than
    `graphs.EFFORT` steps; then it is the shortest of those looked at.
    """
    out = ruled_out(known)
    for level in LEVELS if core else ():
        part = _Level(core, level)
        for name in CYCLES:
            if level != DATA and ruled_out([name + level]) <= out:
                continue
            edges = part.search(name)
            if edges:
                out |= ruled_out([name + level])
                yield Cycle(name + level, _between(edges, transactions))


class _Level:
    """The edges of data and of one order, as far as they lie on cycles."""

    def __init__(self, core: Iterable[Edge], level: str):
        kinds = {"ww", "wr", "rw", FREE, level.removeprefix("-")}
        self.order = {FREE, level.removeprefix("-")}
        self._all = [edge for edge in core if edge[2] in kinds]

    def search(self, name: str) -> list[Edge]:
        """The edges of a shortest cycle of this kind, or none."""
        if name == "G0":
            edges = inside([e for e in self._all if e[2] == "ww" or e[2] in self.order])
            return shortest([e for e in edges if e[2] == "ww"], steps_of(edges))
        if name == "G1c":
            return shortest([e for e in inside(self.forward) if e[2] == "wr"], steps_of(self.forward))
        if name == "G-single-item":
            return shortest(self.single, steps_of(self.forward))
        if name == "G-nonadjacent-item":
            found = shortest([((u, 0), (v, 1), "rw") for u, v, _ in self.nonadjacent], alternating(self.edges))
            return [(start[0], end[0], kind) for start, end, kind in found]
        return shortest([e for e in self.edges if e[2] == "rw" and e not in self.mild], steps_of(self.edges))

    @cached_property
    def edges(self) -> list[Edge]:
        """The edges that lie on cycles of any kind."""
        return inside(self._all)

    @cached_property
    def forward(self) -> list[Edge]:
        """All of these but rw."""
        return [e for e in self.edges if e[2] != "rw"]

    @cached_property
    def single(self) -> list[Edge]:
        """The rw edges that one may come back from without another."""
        rw = [e for e in self.edges if e[2] == "rw"]
        back = leads(self.forward, [(end, start) for start, end, _ in rw]) if rw else ()
        return [edge for edge, comes_back in zip(rw, back, strict=True) if comes_back]

    @cached_property
    def nonadjacent(self) -> list[Edge]:
        """The rw edges that one may come back from without two in a row, but not without another."""
        steps = alternating(self.edges)
        states = [(node, flag) for node in dict.fromkeys(start for start, _, _ in self.edges) for flag in (0, 1)]
        pairs = [(state, following, kind) for state in states for following, kind in steps(state)]
        single = set(self.single)
        inner = [(u[0], v[0], kind) for u, v, kind in inside(pairs) if kind == "rw"]
        return [e for e in inner if e not in single]

    @cached_property
    def mild(self) -> set[Edge]:
        return {*self.single, *self.nonadjacent}


def _between(edges: Sequence[Edge], transactions: int) -> tuple[Edge, ...]:
    """The dependencies from transaction to transaction, junctions left out, from the transaction that began first."""
    found: list[Edge] = []
    start = kind = None
    for one, two, how in edges:
        if one < transactions:
            start, kind = one, how
        if two < transactions:
            found.append((start, two, kind))
    first = min(range(len(found)), key=lambda n: found[n][0])
    return tuple(found[first:] + found[:first])
