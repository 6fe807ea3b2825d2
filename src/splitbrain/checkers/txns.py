"""Transactions as a history has them: lists of micro-operations, each a read or a write of one key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from splitbrain.checkers.forms import Malformed
from splitbrain.checkers.values import frozen
from splitbrain.records import FAIL, OK, Operation, short


@dataclass(frozen=True, slots=True)
class Txn:
    """An operation ``txn`` and what is known of it.

    `mops` are its micro-operations ``(f, key, value)``: as completed if it is ``ok``; otherwise as invoked, and of
    these the writes only, for what it read nobody knows. `committed` is True where that is certain.
    """

    operation: Operation
    mops: tuple[tuple[str, Any, Any], ...]

    @property
    def ok(self) -> bool:
        return self.operation.status == OK

    @property
    def failed(self) -> bool:
        return self.operation.status == FAIL

    @property
    def name(self) -> str:
        """``T3`` is the operation with index 3."""
        return f"T{self.operation.index}"


@dataclass(frozen=True, slots=True)
class Finding:
    """An anomaly that is no cycle: which, the transactions that show it, why they do, and a sentence."""

    anomaly: str
    transactions: tuple[int, ...]
    sentence: str
    edges: tuple[tuple[int, int, str], ...] = ()


class Ambiguous(Exception):
    """A value was written twice, so a read of it does not tell whose write it saw."""


def transactions_of(history: Iterable[Operation], write: str, *, lists: bool) -> list[Txn]:
    """The history's transactions, checked for their form; `write` is the name of a writing micro-operation.

    Raises
    ------
    Malformed
        If an operation is no transaction of ``["r", key, value]`` and ``[write, key, value]``, naming it.
    """
    found = []
    for o in history:
        if o.f != "txn":
            raise Malformed(f"a history of transactions has operations txn only, not {o.f!r} ({_where(o)})", o.start)
        # Asked by hand, as client.txn([...]), the list is the first argument, which a history has as the key.
        mops = o.result if o.status == OK else o.key if o.value is None else o.value
        if not isinstance(mops, list | tuple):
            raise _malformed(o, f"a transaction is a list of micro-operations, not {short(mops)}")
        found.append(Txn(o, tuple(_micro_operations(o, mops, write, lists))))
    return found


def _micro_operations(o: Operation, mops: Iterable, write: str, lists: bool):
    for mop in mops:
        if not isinstance(mop, list | tuple) or len(mop) != 3 or mop[0] not in ("r", write):
            raise _malformed(o, f'a micro-operation is ["r", key, value] or ["{write}", key, value], not {short(mop)}')
        f, key, value = mop
        if f == "r":
            if o.status != OK:
                continue
            if lists:
                if value is not None and not isinstance(value, list | tuple):
                    raise _malformed(o, f"a read of {short(key)} gives a list or null, not {short(value)}")
                value = () if value is None else tuple(value)
        yield f, _hashable(key), _hashable(value)


def _hashable(value: Any) -> Any:
    try:
        hash(value)
    except TypeError:
        return frozen(value)
    return value


def _malformed(o: Operation, sentence: str) -> Malformed:
    return Malformed(f"{_where(o)}: {sentence}", o.end if o.status == OK and o.end is not None else o.start)


def _where(o: Operation) -> str:
    return f"operation {o.index} of process {o.process}"


def listed(values: tuple, around: Any = None) -> str:
    """A list in few letters: all of it, or what stands round an element.

    >>> listed(tuple(range(100)), around=50)
    '[..., 49, 50, 51, ...]'
    """
    if len(values) <= 8:
        return f"[{', '.join(map(said, values))}]"
    place = values.index(around) if around in values else len(values) - 1
    low, high = max(place - 1, 0), place + 2
    shown = [said(v) for v in values[low:high]]
    return f"[{', '.join([*['...'] * (low > 0), *shown, *['...'] * (high < len(values))])}]"


def said(value: Any) -> str:
    """A value in a sentence; what JSON calls null is called so."""
    return short(repr(value) if value is not None else "null")
