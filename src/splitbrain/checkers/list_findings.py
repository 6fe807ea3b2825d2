"""Anomalies of appended lists that need no cycle: seen in one transaction, or in the reads of one key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from splitbrain.checkers.txns import Finding, Txn, listed

WRITE = "append"


def of_transactions(txns: Sequence[Txn]) -> Iterator[Finding]:
    """``internal``, ``future-read`` and ``lost-update``."""
    updates: dict[tuple, int] = {}
    for i, txn in enumerate(txns):
        if txn.ok and len(txn.mops) > 1:
            if len({key for _, key, _ in txn.mops}) < len(txn.mops):
                yield from _inside(i, txn)
            yield from _lost(i, txn, txns, updates)


def _inside(i: int, txn: Txn) -> Iterator[Finding]:
    """A read must end in what the transaction itself has appended so far, and repeat what it has read."""
    due: dict[Any, tuple[bool, tuple]] = {}  # key: is it the whole list, the list or its end
    read: dict[Any, set] = {}
    wrong = False
    for f, key, value in txn.mops:
        whole, expected = due.get(key, (False, ()))
        if f == WRITE:
            due[key] = whole, (*expected, value)
            if value in read.get(key, ()):
                yield Finding("future-read", (i,), f"{txn.name} read {value!r} in {key} before it appended it itself")
            continue
        fits = value == expected if whole else value[len(value) - len(expected):] == expected
        if not (fits or wrong):
            wrong = True
            told = listed(expected) if whole else f"a list that ends in {listed(expected)}"
            yield Finding("internal", (i,), f"{txn.name} read {key} = {listed(value)} where, by what it had itself "
                                            f"read and appended before, it must read {told}")
        due[key] = True, value
        read.setdefault(key, set()).update(value)


def _lost(i: int, txn: Txn, txns: Sequence[Txn], updates: dict[tuple, int]) -> Iterator[Finding]:
    """Of two that read the same list and then appended to it one did not know of the other."""
    read: dict[Any, tuple] = {}
    written = set()
    for f, key, value in txn.mops:
        if f != WRITE:
            read.setdefault(key, value)
            continue
        if key in read and key not in written:
            other = updates.setdefault((key, read[key]), i)
            if other != i:
                yield Finding("lost-update", (other, i),
                              f"{txns[other].name} and {txn.name} both read {key} = {listed(read[key])} and then "
                              "appended to it, neither knowing of the other's append")
        written.add(key)


def of_key(key: Any, txns: Sequence[Txn]) -> Iterator[Finding]:
    """What the reads of one key show; `key` is a `list_append.Key`."""
    strange = [value for value in key.order if value not in key.writers]
    first_strange = key.place[strange[0]] if strange else len(key.order)
    shown: set[str] = set()
    for n, (i, value) in enumerate(key.reads):
        if n not in key.odd and len(value) <= first_strange and not (value and value[-1] in key.inner):
            continue  # nearly all reads are done with here
        for finding in _of_read(key, i, value, n in key.odd, txns):
            if finding.anomaly not in shown:
                shown.add(finding.anomaly)
                yield finding
    yield from _own_order(key, txns)
    yield from _dirty_update(key, strange, txns)


def _of_read(key: Any, i: int, value: tuple, odd: bool, txns: Sequence[Txn]) -> Iterator[Finding]:
    said = f"{txns[i].name} read {key.name} = "
    for element in value:
        if element in key.writers:
            continue
        if element in key.failed:
            writer = key.failed[element]
            reason = f"{said}{listed(value, element)} although {txns[writer].name}, which appended {element!r}, failed"
            yield Finding("G1a", (writer, i), reason, ((writer, i, f"wr: {reason}"),))
        else:
            yield Finding("garbage-read", (i,), f"{said}{listed(value, element)}, and nobody appended {element!r}")
    if value and value[-1] in key.inner and key.writers[value[-1]] != i:
        writer = key.writers[value[-1]]
        reason = (f"{said}{listed(value)}, whose last element {txns[writer].name} appended "
                  "on the way to a later version")
        yield Finding("G1b", (writer, i), reason, ((writer, i, f"wr: {reason}"),))
    if odd:
        distinct = tuple(dict.fromkeys(value))
        if len(distinct) < len(value):
            twice = next(v for n, v in enumerate(value) if v in value[:n])
            yield Finding("duplicate-elements", (i,), f"{said}{listed(value, twice)} with {twice!r} in it twice, "
                                                      "although it was appended once")
        if distinct != key.order[:len(distinct)]:
            yield Finding("incompatible-order", (i, key.longest),
                          f"{said}{listed(value)} and {txns[key.longest].name} read {listed(key.order)}: "
                          "one list cannot become the other")


def _own_order(key: Any, txns: Sequence[Txn]) -> Iterator[Finding]:
    """What one transaction appended stands in the order in which it did."""
    for value, following in key.inner.items():
        if following in key.place and key.place.get(value, len(key.order)) > key.place[following]:
            i = key.writers[value]
            yield Finding("incompatible-order", (i, key.longest),
                          f"{txns[key.longest].name} read {key.name} = {listed(key.order, following)}, but "
                          f"{txns[i].name} appended {value!r} before {following!r}")
            return


def _dirty_update(key: Any, strange: Sequence[Any], txns: Sequence[Txn]) -> Iterator[Finding]:
    """A version that committed stands on one that was aborted."""
    for value in strange:
        if value in key.failed:
            later = [v for v in key.order[key.place[value]:] if v in key.writers and txns[key.writers[v]].ok]
            if later:
                one, two = key.failed[value], key.writers[later[0]]
                yield Finding("dirty-update", (one, two),
                              f"{txns[two].name} appended {later[0]!r} to {key.name} after the {value!r} of "
                              f"{txns[one].name}, which failed: {txns[key.longest].name} read "
                              f"{listed(key.order, later[0])}")
                return
