"""The graph of dependencies between transactions: who must come before whom, and why.

An edge says that one transaction comes before another in every order that explains the history:

- ``ww``: it wrote a version that the other overwrote.
- ``wr``: it wrote a version that the other read.
- ``rw``: it read a version that the other overwrote (Adya's anti-dependency).
- ``process``: the same client asked for it before.
- ``realtime``: it was over before the other began.

Of 100,000 transactions there are some 10^10 pairs in real-time order, and as many edges may lead from the readers of a
version to those of which it is only known that they wrote later. Both are drawn through *junctions*: nodes that are no
transactions, entered by an edge of a kind and left by edges without one. So a path from transaction to transaction
through junctions is one dependency, there are as many of them as without, and the edges are few: three a
transaction for all of real time, whatever the number of clients.

Nearly all of a history lies on no cycle. What cannot is peeled off in time linear in the edges, over lists indexed by
integers, because a networkx graph keeps a dictionary for every node and every edge. What is left, the *core*, becomes
networkx graphs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from splitbrain.checkers.txns import Txn

KINDS = ("ww", "wr", "rw", "process", "realtime")
FREE = ""  # the kind of an edge that leaves a junction
Edge = tuple[int, int, str]


class Dependencies:
    """Edges between transactions, named by their places in the history, and junctions, named by greater numbers.

    Attributes
    ----------
    transactions : int
        How many there are; every greater number is a junction.
    edges : dict of kind to (list of int, list of int)
        From where, to where.
    """

    def __init__(self, transactions: int):
        self.transactions = transactions
        self.size = transactions
        self.edges: dict[str, tuple[list[int], list[int]]] = {kind: ([], []) for kind in (*KINDS, FREE)}

    def __len__(self) -> int:
        return sum(len(starts) for starts, _ in self.edges.values())

    def add(self, start: int, end: int, kind: str) -> None:
        """An edge; from a transaction to itself there is none."""
        if start != end:
            starts, ends = self.edges[kind]
            starts.append(start)
            ends.append(end)

    def junction(self, *ends: int) -> int:
        """A new junction that leads to these."""
        node = self.size
        self.size += 1
        for end in ends:
            self.add(node, end, FREE)
        return node

    def add_to_all(self, starts: Iterable[int], ends: Sequence[int], kind: str) -> None:
        """An edge from each of the ones to each of the others, but from none to itself."""
        starts = list(dict.fromkeys(starts))
        if len(starts) * len(ends) <= 2 * (len(starts) + len(ends)):
            for start in starts:
                for end in ends:
                    self.add(start, end, kind)
            return
        # Before and after each end a junction that leads to all on that side: so an end, if it is a start as well,
        # reaches all the others and not itself.
        place = {end: i for i, end in enumerate(ends)}
        before, after = [self.junction(ends[0])], [self.junction(ends[-1])]
        for end, other in zip(ends[1:], ends[-2::-1], strict=True):
            before.append(self.junction(before[-1], end))
            after.append(self.junction(after[-1], other))
        after.reverse()
        for start in starts:
            i = place.get(start)
            if i is None:
                self.add(start, after[0], kind)
                continue
            if i:
                self.add(start, before[i - 1], kind)
            if i + 1 < len(ends):
                self.add(start, after[i + 1], kind)

    def add_orders(self, txns: Sequence[Txn], committed: Sequence[bool]) -> None:
        """The edges of processes and of real time, between transactions that committed."""
        latest: dict[object, int] = {}
        moment, fresh = self.junction(), False
        for _, over, i in _moments(txns, committed):
            if over:
                if not fresh:
                    following = self.junction()
                    self.add(moment, following, FREE)
                    moment, fresh = following, True
                self.add(i, moment, "realtime")
                continue
            fresh = False
            self.add(moment, i, FREE)
            process = txns[i].operation.process
            if process in latest and txns[latest[process]].operation.end < txns[i].operation.start:
                self.add(latest[process], i, "process")
            if txns[i].ok and txns[i].operation.end is not None:
                latest[process] = i

    def pairs(self, txns: Sequence[Txn], committed: Sequence[bool]) -> list[Edge]:
        """The edges from transaction to transaction, without junctions."""
        following: dict[int, list[int]] = {}
        for start, end in zip(*self.edges[FREE], strict=True):
            following.setdefault(start, []).append(end)
        found = [(start, other, kind) for kind in KINDS[:4]
                 for start, end in dict.fromkeys(zip(*self.edges[kind], strict=True))
                 for other in self._through(end, following)]
        return found + [(start, end, "realtime") for start, end in _real_time(txns, committed)]

    def _through(self, node: int, following: dict[int, list[int]]) -> list[int]:
        """The transactions that a node leads to: itself, or what lies behind a junction."""
        seen, new = {node: None}, [node]
        while new:
            junction = new.pop()
            if junction >= self.transactions:
                ends = [end for end in following.get(junction, ()) if end not in seen]
                seen.update(dict.fromkeys(ends))
                new.extend(ends)
        return sorted(n for n in seen if n < self.transactions)

    def core(self) -> list[Edge]:
        """The edges that may lie on a cycle: those left when nodes without a way in, or out, are taken away."""
        following: list[list[int]] = [[] for _ in range(self.size)]
        leading: list[list[int]] = [[] for _ in range(self.size)]
        for starts, ends in self.edges.values():
            for start, end in zip(starts, ends, strict=True):
                following[start].append(end)
                leading[end].append(start)
        left = bytearray(b"\1") * self.size
        for ways, back in ((following, leading), (leading, following)):
            _peel(left, ways, back)
        return [(start, end, kind) for kind, (starts, ends) in self.edges.items()
                for start, end in zip(starts, ends, strict=True) if left[start] and left[end]]


def _real_time(txns: Sequence[Txn], committed: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Who was over before whom began, less what follows: from the newest that are over, at most one a client."""
    newest: list[int] = []
    for _, over, i in _moments(txns, committed):
        if over:
            start = txns[i].operation.start
            newest = [other for other in newest if txns[other].operation.end >= start] + [i]
        else:
            yield from ((other, i) for other in newest)


def _moments(txns: Sequence[Txn], committed: Sequence[bool]) -> list[tuple[int, int, int]]:
    """Beginnings (0) and ends (1) of the transactions that committed, in their order.

    A transaction of unknown outcome is never over: it may have taken effect long after its client gave up.
    """
    found = []
    for i, txn in enumerate(txns):
        if committed[i]:
            found.append((txn.operation.start, 0, i))
            if txn.ok and txn.operation.end is not None:
                found.append((txn.operation.end, 1, i))
    return sorted(found)


def _peel(left: bytearray, ways: list[list[int]], back: list[list[int]]) -> None:
    """Take away, again and again, the nodes that no remaining edge leads to."""
    count = [sum(map(left.__getitem__, leads)) for leads in back]
    loose = [node for node, n in enumerate(count) if not n and left[node]]
    while loose:
        node = loose.pop()
        left[node] = 0
        for end in ways[node]:
            count[end] -= 1
            if not count[end] and left[end]:
                loose.append(end)
