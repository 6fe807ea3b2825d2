"""What `cycles` asks of graphs: what lies on a cycle, what leads where, and which cycle is shortest.

A graph is a list of edges (start, end, kind); nodes are numbers, or whatever can be hashed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

from splitbrain.checkers.dependency import FREE, Edge

EFFORT = 200_000  # nodes visited in the search for a shorter cycle, once there is one
_CHUNK = 4096  # bits in a set: more at a time would cost memory, fewer time

State = Hashable
Steps = Callable[[State], Iterable[tuple[State, str]]]


def inside(edges: Sequence[tuple]) -> list[tuple]:
    """The edges within strongly connected components: those that lie on a cycle."""
    edges = _peeled(_peeled(edges, 0, 1), 1, 0)
    if not edges:
        return []
    import networkx

    graph = networkx.DiGraph()
    graph.add_edges_from((start, end) for start, end, _ in edges)
    of = {node: n for n, nodes in enumerate(networkx.strongly_connected_components(graph)) for node in nodes}
    return [edge for edge in edges if of[edge[0]] == of[edge[1]]]


def _peeled(edges: Sequence[tuple], start: int, end: int) -> list[tuple]:
    """The edges less those that begin where none ends, again and again: less work for networkx, and less memory."""
    count: dict[State, int] = {}
    following: dict[State, list[State]] = {}
    for edge in edges:
        count[edge[end]] = count.get(edge[end], 0) + 1
        following.setdefault(edge[start], []).append(edge[end])
    loose = [node for node in following if node not in count]
    gone = set(loose)
    while loose:
        for node in following.get(loose.pop(), ()):
            count[node] -= 1
            if not count[node]:
                gone.add(node)
                loose.append(node)
    return [edge for edge in edges if edge[start] not in gone]


def leads(edges: Sequence[Edge], pairs: Sequence[tuple[int, int]]) -> list[bool]:
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


def steps_of(edges: Iterable[Edge]) -> Steps:
    following: dict[int, list[tuple[int, str]]] = {}
    for start, end, kind in edges:
        following.setdefault(start, []).append((end, kind))
    return lambda node: following.get(node, ())


def alternating(edges: Iterable[Edge]) -> Steps:
    """Steps between pairs (node, did an rw edge lead here); a junction passes on what led to it."""
    plain = steps_of(edges)

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


def shortest(edges: Sequence[tuple], steps: Steps) -> list[tuple]:
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
