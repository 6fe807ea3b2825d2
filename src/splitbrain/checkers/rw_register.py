"""What histories of registers show: dependencies, as far as they are seen, and the anomalies that are no cycles.

Every transaction reads and writes registers, initially null, and all values written are different. Unlike a list, a
value does not tell what stood there before it, so the order of versions is known only in part:

- null comes before everything.
- Who reads a version of a key and then writes that key has written a later version than the one it read. (Were it not
  so, it would have read a version later than its own: a cycle of ww and wr, G1c, which rules out even more than what is
  concluded from it here. So what is ruled out stays ruled out.)

From these follow rw edges; ww edges beside the wr edges would follow too, but a cycle of these alone would name
G0 where only G1c is certain. So G0 is never found here, and other cycles may remain hidden: an answer ``ok`` says less
than it does for lists. Elle (Kingsbury and Alvaro, VLDB 2020) concludes the same with ``wfr-keys``, and more
if told to assume that every key by itself is sequential or linearizable.

A value that nobody wrote is taken for what was there before the history, if a key has one such value and was never read
as null; more than one cannot be. Of unknown and failed transactions `list_append` says what holds here too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from splitbrain.checkers.dependency import Dependencies
from splitbrain.checkers.txns import Ambiguous, Finding, Txn, said

WRITE = "w"


class Key:
    """All that was done to one register."""

    __slots__ = ("name", "writers", "failed", "inner", "reads", "updates", "outside")

    def __init__(self, name: Any):
        self.name = name
        self.writers: dict[Any, int] = {}  # versions: the last write of each transaction
        self.inner: dict[Any, int] = {}  # values that their own transaction overwrote
        self.failed: dict[Any, int] = {}
        self.reads: list[tuple[int, Any]] = []
        self.outside: dict[Any, int] = {}  # values read before the transaction's own write: one reader of each
        self.updates: dict[Any, list[int]] = {}  # value: who read it, then wrote

    def strange(self) -> list[Any]:
        """Values that nobody wrote and that cannot all be the initial one."""
        found = [v for v in self.outside if v not in self.writers and v not in self.inner and v not in self.failed]
        return [] if len(found) < 2 else [v for v in found if v is not None]

    def taken_for_initial(self) -> bool:
        return not self.strange() and any(v is not None and v not in self.writers and v not in self.inner
                                          and v not in self.failed for v in self.outside)


class RwRegister:
    """A history of transactions that write and read registers; `committed` says of each whether it did."""

    def __init__(self, txns: Sequence[Txn]):
        self.txns = txns
        self.keys: dict[Any, Key] = {}
        for i, txn in enumerate(txns):
            self._enter(i, txn)
        self.committed = [txn.ok for txn in txns]
        for key in self.keys.values():
            for _, value in key.reads:
                for writers in (key.writers, key.inner):
                    if value in writers:
                        self.committed[writers[value]] = True

    def _key(self, name: Any) -> Key:
        if name not in self.keys:
            self.keys[name] = Key(name)
        return self.keys[name]

    def _enter(self, i: int, txn: Txn) -> None:
        newest: dict[Any, Any] = {}
        read: dict[Any, Any] = {}
        for f, name, value in txn.mops:
            key = self._key(name)
            if f != WRITE:
                key.reads.append((i, value))
                if name not in newest and name not in read:
                    read[name] = value
                    key.outside.setdefault(value, i)
                continue
            if txn.failed:
                key.failed[value] = i
                continue
            self._alone(key, value, txn)
            if name in newest:
                key.inner[newest[name]] = key.writers.pop(newest[name])
            elif name in read:
                key.updates.setdefault(read[name], []).append(i)
            key.writers[value] = i
            newest[name] = value

    def _alone(self, key: Key, value: Any, txn: Txn) -> None:
        if value is None:
            raise Ambiguous(f"{txn.name} writes null to {key.name}, which is what it holds at first")
        for writers in (key.writers, key.inner):
            if value in writers:
                raise Ambiguous(f"{self.txns[writers[value]].name} and {txn.name} both write {value!r} to {key.name}")

    def link(self, graph: Dependencies) -> None:
        """Add the edges wr and rw."""
        for key in self.keys.values():
            readers: dict[Any, list[int]] = {}
            for i, value in key.reads:
                readers.setdefault(value, []).append(i)
                if value in key.writers:
                    graph.add(key.writers[value], i, "wr")
            for value, those in readers.items():
                later = self._later(key, value)
                if later:
                    graph.add_to_all(those, later, "rw")

    def _later(self, key: Key, value: Any) -> list[int]:
        """Who wrote a version that certainly comes after this one, and directly or by others' ww and wr edges."""
        if value is None:
            return [i for i in key.writers.values() if self.committed[i]]
        if value in key.inner or value in key.failed and value not in key.writers:
            return []  # of a version that is none nothing depends
        return key.updates.get(value, [])

    def why(self, start: int, end: int, kind: str) -> tuple[str, tuple[int, ...]]:
        """A clause that gives the reason of an edge, and the transactions whose reads show it."""
        one, two = self.txns[start].name, self.txns[end].name
        mops = self.txns[start].mops, self.txns[end].mops
        if kind == "wr":
            key, value = next((k, v) for f, k, v in mops[1] if f == "r" and self.keys[k].writers.get(v) == start)
            return (f"{one} wrote {key} = {value!r} before {two} read it, because {two} read {key} = {value!r}",
                    (end,))
        key, value, new = next((k, v, w) for f, k, v in mops[0] if f == "r" for g, other, w in mops[1]
                               if g == WRITE and other == k and self.keys[k].writers.get(w) == end
                               and end in self._later(self.keys[k], v))
        because = f"{one} read {key} = {value!r}, which {two} read too before it wrote"
        if value is None:
            because = f"{one} read {key} = null, as it was at first"
        return f"{one} read {key} before {two} wrote {key} = {new!r}, because {because}", (start, end)

    def findings(self) -> Iterator[Finding]:
        """The anomalies that are no cycles."""
        for i, txn in enumerate(self.txns):
            if txn.ok and len({key for _, key, _ in txn.mops}) < len(txn.mops):
                yield from _inside(i, txn)
        for key in self.keys.values():
            yield from self._of_reads(key)
            yield from self._lost(key)

    def _of_reads(self, key: Key) -> Iterator[Finding]:
        strange = key.strange()
        for i, value in key.reads:
            read = f"{self.txns[i].name} read {key.name} = {said(value)}"
            if value in key.inner and key.inner[value] != i:
                writer = key.inner[value]
                reason = f"{read}, which {self.txns[writer].name} wrote on the way to a later version"
                yield Finding("G1b", (writer, i), reason, ((writer, i, f"wr: {reason}"),))
            if value in key.failed and value not in key.writers and value not in key.inner:
                writer = key.failed[value]
                reason = f"{read} although {self.txns[writer].name}, which wrote it, failed"
                yield Finding("G1a", (writer, i), reason, ((writer, i, f"wr: {reason}"),))
        for value in strange:
            others = " and ".join(said(v) for v in key.outside if v != value)
            i = key.outside[value]
            yield Finding("garbage-read", (i,), f"{self.txns[i].name} read {key.name} = {value!r}, which nobody wrote "
                                                f"and which cannot be the initial value beside {others}")

    def _lost(self, key: Key) -> Iterator[Finding]:
        for value, those in key.updates.items():
            those = [i for i in those if self.txns[i].ok]
            if len(those) > 1:
                one, two = (self.txns[i].name for i in those[:2])
                yield Finding("lost-update", tuple(those[:2]), f"{one} and {two} both read {key.name} = {said(value)} "
                              "and then wrote it, neither knowing of the other's write")

    def assumed(self) -> str:
        """What the verdict rests on, for an explanation."""
        sentence = "of registers the order of versions is seen only in part, so others may be hidden"
        initial = [str(key.name) for key in self.keys.values() if key.taken_for_initial()]
        if initial:
            sentence += f"; a value of {', '.join(initial[:3])} that nobody wrote is taken for the initial one"
        return sentence


def _inside(i: int, txn: Txn) -> Iterator[Finding]:
    """A read must give what the transaction itself wrote or read last."""
    due: dict[Any, Any] = {}
    read: set[tuple] = set()
    wrong = False
    for f, key, value in txn.mops:
        if f == WRITE:
            if (key, value) in read:
                yield Finding("future-read", (i,), f"{txn.name} read {key} = {value!r} before it wrote it itself")
        else:
            if due.get(key, value) != value and not wrong:
                wrong = True
                yield Finding("internal", (i,), f"{txn.name} read {key} = {said(value)} where, by what it had itself "
                                                f"read and written before, it must read {said(due[key])}")
            read.add((key, value))
        due[key] = value
