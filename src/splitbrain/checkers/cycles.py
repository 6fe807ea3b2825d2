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

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from splitbrain.checkers.dependency import FREE, Edge
from splitbrain.checkers.isolation import CYCLES, DATA, LEVELS, ruled_out

EFFORT = 200_000  # nodes visited in the search for a shorter cycle, once there is one
_CHUNK = 4096

State = Hashable
Steps = Callable[[State], Iterable[tuple[State, str]]]


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
    The cycle is the shortest of its kind unless there are so many that looking at all would take more than `EFFORT`
    steps; then it is the shortest of those looked at.
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
        self.edges = _inside([edge for edge in core if edge[2] in kinds])

    def search(self, name: str) -> list[Edge]:
        """The edges of a shortest cycle of this kind, or none."""
        if name == "G0":
            edges = self._only("ww")
            return _shortest([e for e in _inside(edges) if e[2] == "ww"], _steps(edges))
        if name == "G1c":
            return _shortest([e for e in _inside(self.forward) if e[2] == "wr"], _steps(self.forward))
        if name == "G-single-item":
            return _shortest(self.single, _steps(self.forward))
        if name == "G-nonadjacent-item":
            found = _shortest([((u, 0), (v, 1), "rw") for u, v, _ in self.nonadjacent], _alternating(self.edges))
            return [(start[0], end[0], kind) for start, end, kind in found]
        return _shortest([e for e in self.edges if e[2] == "rw" and e not in self.mild], _steps(self.edges))

    def _only(self, *kinds: str) -> list[Edge]:
        return [e for e in self.edges if e[2] in kinds or e[2] in self.order]

    @cached_property
    def forward(self) -> list[Edge]:
        """All edges but rw."""
        return self._only("ww", "wr")

    @cached_property
    def single(self) -> list[Edge]:
        """The rw edges that one may come back from without another."""
        rw = [e for e in self.edges if e[2] == "rw"]
        back = _leads(self.forward, [(end, start) for start, end, _ in rw]) if rw else ()
        return [edge for edge, leads in zip(rw, back, strict=True) if leads]

    @cached_property
    def nonadjacent(self) -> list[Edge]:
        """The rw edges that one may come back from without two in a row, but not without another."""
        steps = _alternating(self.edges)
        states = [(node, flag) for node in dict.fromkeys(start for start, _, _ in self.edges) for flag in (0, 1)]
        pairs = [(state, following, kind) for state in states for following, kind in steps(state)]
        single = set(self.single)
        inner = [(u[0], v[0], kind) for u, v, kind in _inside(pairs) if kind == "rw"]
        return [e for e in inner if e not in single]

    @cached_property
    def mild(self) -> set[Edge]:
        return {*self.single, *self.nonadjacent}


def _inside(edges: Sequence[tuple]) -> list[tuple]:
    """The edges within strongly connected components: those that lie on a cycle."""
    import networkx

    graph = networkx.DiGraph()
    graph.add_edges_from((start, end) for start, end, _ in edges)
    of = {node: n for n, nodes in enumerate(networkx.strongly_connected_components(graph)) for node in nodes}
    return [edge for edge in edges if of[edge[0]] == of[edge[1]]]


def _leads(edges: Sequence[Edge], pairs: Sequence[tuple[int, int]]) -> list[bool]:
    """Of each pair, whether a path leads from the first to the second."""
    import networkx

    graph = networkx.DiGraph()
    graph.add_nodes_from(node for pair in pairs for node in pair)
    graph.add_edges_from((start, end) for start, end, _ in edges)
    condensed = networkx.condensation(graph)
    of = condensed.graph["mapping"]
    backwards = list(networkx.topological_sort(condensed))[::-1]
    goals = list(dict.fromkeys(of[goal] for _, goal in pairs))
    answers = [False] * len(pairs)
    for first in range(0, len(goals), _CHUNK):
        bit = {goal: 1 << n for n, goal in enumerate(goals[first:first + _CHUNK])}
        reached: dict[int, int] = {}
        for component in backwards:
            bits = bit.get(component, 0)
            for following in condensed._adj[component]:
                bits |= reached[following]
            reached[component] = bits
        for n, (start, goal) in enumerate(pairs):
            answers[n] = answers[n] or bool(reached[of[start]] & bit.get(of[goal], 0))
    return answers


def _steps(edges: Iterable[Edge]) -> Steps:
    following: dict[int, list[tuple[int, str]]] = {}
    for start, end, kind in edges:
        following.setdefault(start, []).append((end, kind))
    return lambda node: following.get(node, ())


def _alternating(edges: Iterable[Edge]) -> Steps:
    """Steps between pairs (node, did an rw edge lead here); a junction passes on what led to it."""
    plain = _steps(edges)

    def steps(state: tuple[int, int]) -> Iterator[tuple[tuple[int, int], str]]:
        node, flag = state
        for end, kind in plain(node):
            if kind == FREE:
                yield (end, flag), kind
            elif kind != "rw":
                yield (end, 0), kind
            elif not flag:
                yield (end, 1), kind

    return steps


def _shortest(edges: Sequence[tuple], steps: Steps) -> list[tuple]:
    """The shortest cycle that begins with one of these edges."""
    best: list[tuple] = []
    length, effort = float("inf"), 0
    for edge in edges:
        path, visited = _path(edge[1], edge[0], steps, length - 1)
        effort += visited
        if path is not None:
            best = [edge, *path]
            length = sum(kind != FREE for _, _, kind in best)
        if length == 2 or best and effort > EFFORT:
            break
    return best


def _path(start: State, goal: State, steps: Steps, limit: float) -> tuple[list[tuple] | None, int]:
    """The shortest path of fewer than `limit` dependencies, free edges not counted, and how many nodes were visited."""
    came: dict[State, tuple] = {}
    far = {start: 0}
    queue = deque([start])
    done: set[State] = set()
    while queue:
        node = queue.popleft()
        if node in done:
            continue
        done.add(node)
        if node == goal:
            path = []
            while node != start:
                path.append(came[node])
                node = came[node][0]
            return path[::-1], len(done)
        for end, kind in steps(node):
            distance = far[node] + (kind != FREE)
            if distance < limit and distance < far.get(end, limit):
                far[end], came[end] = distance, (node, end, kind)
                (queue.append if kind != FREE else queue.appendleft)(end)
    return None, len(done)


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
