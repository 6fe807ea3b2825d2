"""What histories of appended lists show: the order of versions, dependencies, and the anomalies that are no cycles.

Every transaction appends values to lists, all different, and reads whole lists. A list that was read tells the order in
which all of it was appended: that is why Elle (Kingsbury and Alvaro, VLDB 2020) asks for lists. Of each key the longest
list that was read is taken for its order of versions, and every other must be a beginning of it.

- What was appended by a transaction that committed, but is not in the longest list, was appended after all of it. In
  which order is not known, so there are no edges among these.
- A transaction of unknown outcome has committed if somebody read what it appended, otherwise it is left out. (Had it
  been aborted, that read would be an aborted read, G1a.)
- What failed transactions appended has no place in the order: who reads it reads an aborted version.
- A list that is no beginning of the longest one tells who wrote its last element, and no more.
- Each append makes a version, also one of several that a transaction makes to a key: so of two transactions whose
  appends to one list are interleaved each overwrote the other (G0).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from splitbrain.checkers import list_findings
from splitbrain.checkers.dependency import Dependencies
from splitbrain.checkers.txns import Ambiguous, Finding, Txn, listed

WRITE = "append"


class Key:
    """All that was done to one list: who appended what, who read what, and the order that follows."""

    __slots__ = ("name", "writers", "failed", "inner", "reads", "order", "place", "longest", "odd", "later")

    def __init__(self, name: Any):
        self.name = name
        self.writers: dict[Any, int] = {}
        self.failed: dict[Any, int] = {}
        self.inner: dict[Any, Any] = {}  # value: the next that the same transaction appended
        self.reads: list[tuple[int, tuple]] = []

    def settle(self) -> None:
        """Find the order, and which reads do not fit it (`odd`)."""
        self.longest, full = max(self.reads, key=lambda read: len(read[1]), default=(None, ()))
        self.order = tuple(dict.fromkeys(full))
        self.place = {value: i for i, value in enumerate(self.order)}
        self.odd = {n for n, (_, value) in enumerate(self.reads) if value != self.order[:len(value)]}
        # For each number of elements that a read may have seen: the next version that committed, if it is known.
        self.later: list[Any] = [None] * (len(self.order) + 1)
        for i in range(len(self.order) - 1, -1, -1):
            self.later[i] = self.order[i] if self.order[i] in self.writers else self.later[i + 1]

    def unseen(self, committed: Sequence[bool]) -> dict[int, Any]:
        """The transactions that committed an append that nobody read, each with one such value."""
        if len(self.writers) <= len(self.order) and all(v in self.place for v in self.writers):
            return {}
        return {i: v for v, i in self.writers.items() if v not in self.place and committed[i]}

    def last(self) -> Any:
        """The newest version that is known to have committed."""
        return next((v for v in reversed(self.order) if v in self.writers), None)


class ListAppend:
    """A history of transactions that append and read; `committed` says of each whether it did."""

    def __init__(self, txns: Sequence[Txn]):
        self.txns = txns
        self.keys: dict[Any, Key] = {}
        for i, txn in enumerate(txns):
            self._enter(i, txn)
        for key in self.keys.values():
            key.settle()
        self.committed = self._committed()

    def _key(self, name: Any) -> Key:
        if name not in self.keys:
            self.keys[name] = Key(name)
        return self.keys[name]

    def _enter(self, i: int, txn: Txn) -> None:
        newest: dict[Any, Any] = {}
        for f, name, value in txn.mops:
            key = self._key(name)
            if f != WRITE:
                key.reads.append((i, value))
            elif txn.failed:
                key.failed[value] = i
            elif value in key.writers:
                raise Ambiguous(f"{self.txns[key.writers[value]].name} and {txn.name} both append {value!r} to {name}")
            else:
                key.writers[value] = i
                if name in newest:
                    key.inner[newest[name]] = value
                newest[name] = value

    def _committed(self) -> list[bool]:
        committed = [txn.ok for txn in self.txns]
        for key in self.keys.values():
            for seen in (key.order, *(key.reads[n][1] for n in key.odd)):
                for value in seen:
                    if value in key.writers:
                        committed[key.writers[value]] = True
        return committed

    def link(self, graph: Dependencies) -> None:
        """Add the edges ww, wr and rw."""
        for key in self.keys.values():
            known = [key.writers[value] for value in key.order if value in key.writers]
            unseen = list(key.unseen(self.committed))
            for one, two in zip(known, known[1:], strict=False):
                graph.add(one, two, "ww")
            for i in unseen if known else ():
                graph.add(known[-1], i, "ww")
            of_all = []
            for n, (i, value) in enumerate(key.reads):
                if value and value[-1] not in key.writers:
                    continue  # of an aborted version nothing depends
                if n in key.odd:
                    self._link_odd(graph, key, i, value)
                    continue
                if value:
                    graph.add(key.writers[value[-1]], i, "wr")
                following = key.later[len(value)]
                if following is None:
                    of_all.append(i)
                else:
                    graph.add(i, key.writers[following], "rw")
            if unseen:
                graph.add_to_all(of_all, unseen, "rw")

    @staticmethod
    def _link_odd(graph: Dependencies, key: Key, i: int, value: tuple) -> None:
        # With doubles taken out it may fit after all: then its last *new* element is the version that it read.
        distinct = tuple(dict.fromkeys(value))
        if distinct[-1] in key.writers:
            graph.add(key.writers[distinct[-1]], i, "wr")

    def why(self, start: int, end: int, kind: str) -> tuple[str, tuple[int, ...]]:
        """A clause that gives the reason of an edge, and the transactions whose reads show it."""
        one, two = self.txns[start].name, self.txns[end].name
        mops = self.txns[start].mops, self.txns[end].mops
        if kind == "wr":
            key, value, seen = next((self.keys[k], w, v) for f, k, v in mops[1] if f == "r" and v
                                    for w in tuple(dict.fromkeys(v))[-1:] if self.keys[k].writers.get(w) == start)
            return (f"{one} appended {value!r} to {key.name} before {two} read it, "
                    f"because {two} read {key.name} = {listed(seen, value)}"), (end,)
        if kind == "ww":
            key, old, new = next((self.keys[k], w, v) for f, k, v in mops[1] if f == WRITE
                                 for w in [self._before(self.keys[k], v)] if self.keys[k].writers.get(w) == start)
            shown, readers = self._evidence(key, new)
            return f"{one} appended {old!r} to {key.name} before {two} appended {new!r}, because {shown}", readers
        key, seen, new = next((self.keys[k], v, w) for f, k, v in mops[0] if f == "r"
                              for g, other, w in mops[1] if g == WRITE and other == k
                              and self._overwrites(self.keys[k], v, w))
        shown, readers = self._evidence(key, new) if new in key.place else ("", ())
        return (f"{one} read {key.name} before {two} appended {new!r} to it, because {one} read "
                f"{key.name} = {listed(seen)}{shown and ' and '}{shown}"), (start, *readers)

    def _before(self, key: Key, value: Any) -> Any:
        """The version that this one overwrote."""
        if value not in key.place:
            return key.last()
        return next((v for v in reversed(key.order[:key.place[value]]) if v in key.writers), None)

    @staticmethod
    def _overwrites(key: Key, seen: tuple, new: Any) -> bool:
        if seen != key.order[:len(seen)]:
            return False
        following = key.later[len(seen)]
        return new == following if following is not None else new not in key.place

    def _evidence(self, key: Key, value: Any) -> tuple[str, tuple[int, ...]]:
        """The shortest list that shows where a value stands; for one that nobody read, the longest without it."""
        reader, seen = key.longest, key.order
        if value in key.place:
            reader, seen = min(((i, v) for n, (i, v) in enumerate(key.reads) if n not in key.odd
                                and len(v) > key.place[value]), key=lambda read: len(read[1]), default=(reader, seen))
        missing = "" if value in key.place else f", without {value!r}"
        return f"{self.txns[reader].name} read {key.name} = {listed(seen, value)}{missing}", (reader,)

    def findings(self) -> Iterator[Finding]:
        """The anomalies that are no cycles, one of each kind at most for each key or transaction."""
        yield from list_findings.of_transactions(self.txns)
        for key in self.keys.values():
            yield from list_findings.of_key(key, self.txns)

    def assumed(self) -> str:
        """What the verdict rests on, for an explanation."""
        return ""
