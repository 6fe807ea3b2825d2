"""What an object must do when nobody else touches it: a sequential specification, as a value.

The shape is that of Porcupine's ``Model`` (Athalye 2017): an initial state, and a pure function that says
whether an answer is right and what the state is afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from splitbrain.checkers.forms import PAIR, TEXT, Kind
from splitbrain.checkers.values import frozen
from splitbrain.records import OK, Operation


class _Any:
    """Equal to everything: the answer of an operation whose answer nobody knows."""

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return "ANY"


ANY = _Any()


def _needed_all(operations: Sequence[Operation]) -> Sequence[Operation]:
    return operations


@dataclass(frozen=True)
class Model:
    """A sequential specification: what a checker needs to know of an object.

    Attributes
    ----------
    name : str
    step : function
        ``step(state, f, value, result)`` gives ``(is this answer right, the state afterwards)``. It must be
        pure. `result` is `ANY`, equal to everything, where the outcome is unknown. Lists in `value` and
        `result` arrive as tuples.
    initial : hashable
        The state before anything happened. Every state must be hashable.
    functions : frozenset of str
        The names that `step` understands.
    reads : frozenset of str
        Those among them that never change the state, whatever the state is.
    needed : function
        Given the operations of one object, leaves out some of unknown outcome without changing the verdict.
        By default all are needed.
    asked, told : mapping
        For each function what its value, and what its answer, has to be, where that matters: a
        `splitbrain.checkers.forms.Kind`. What is not is refused before the search.

    Examples
    --------
    A counter that is added to and read:

    >>> from splitbrain.checkers import linearizability
    >>> def step(state, f, value, result):
    ...     return (result == state, state) if f == "read" else (True, state + value)
    >>> counter = Model("counter", step, initial=0, functions=frozenset({"add", "read"}), reads=frozenset({"read"}))
    >>> counter.step(2, "read", None, 3)
    (False, 2)
    >>> add = Operation("c1", "add", value=2, start=0, end=1)
    >>> read = Operation("c2", "read", result=0, start=2, end=3, index=1)
    >>> print(linearizability([add, read], model=counter))
    violated: c2 read 0 after c1 had called add(2), and nothing that may have come between explains it
    """

    name: str
    step: Callable[[Any, str, Any, Any], tuple[bool, Hashable]]
    initial: Hashable = None
    functions: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()
    needed: Callable[[Sequence[Operation]], Sequence[Operation]] = field(default=_needed_all, repr=False)
    asked: Mapping[str, Kind] = field(default_factory=dict, repr=False)
    told: Mapping[str, Kind] = field(default_factory=dict, repr=False)


READS = frozenset({"read", "get"})
WRITES = frozenset({"write", "put"})


def _register(state: Any, f: str, value: Any, result: Any) -> tuple[bool, Any]:
    if f in READS:
        return result == state, state
    return True, value


def _read_somewhere(operations: Sequence[Operation]) -> Sequence[Operation]:
    # A write of unknown outcome that no read returned can be left out of any order it stands in: what follows
    # it before the next write is no read.
    values = {frozen(o.result) for o in operations if o.f in READS and o.status == OK}
    return [o for o in operations if o.status == OK or frozen(o.value) in values]


def _cas_register(state: Any, f: str, value: Any, result: Any) -> tuple[bool, Any]:
    if f != "cas":
        return _register(state, f, value, result)
    old, new = value
    if result is False:
        return state != old, state
    return state == old, new


def _key_value(state: str, f: str, value: Any, result: Any) -> tuple[bool, str]:
    if f in READS:
        return result == state, state
    return True, value if f == "put" else state + value


def _seen_somewhere(operations: Sequence[Operation]) -> Sequence[Operation]:
    # What was put or appended stays in the string until the next put: unseen in every answer, it stood where
    # nobody looked.
    answers = [str(o.result) for o in operations if o.f in READS and o.status == OK]
    return [o for o in operations if o.status == OK or (o.value and any(o.value in a for a in answers))]


def _mutex(held: tuple, f: str, value: Any, result: Any) -> tuple[bool, tuple]:
    # () while it is free, (who,) while it is held.
    if f == "release":
        return bool(held) and (value is None or held[0] in (None, value)), ()
    if result is False:
        return bool(held), held
    return not held, (value,)


def _fifo_queue(queue: tuple, f: str, value: Any, result: Any) -> tuple[bool, tuple]:
    if f == "enqueue":
        return True, (*queue, value)
    if not queue:
        return result == None, queue  # noqa: E711  (ANY is equal to None, and is not it)
    return result == queue[0], queue[1:]


def _taken_somewhere(operations: Sequence[Operation]) -> Sequence[Operation]:
    # What was perhaps enqueued and never given out stands in the way of all that was enqueued after it, unless a
    # dequeue of unknown outcome took it away: an order with both is one without both.
    given = {frozen(o.result) for o in operations if o.f == "dequeue" and o.status == OK}
    return [o for o in operations if o.status == OK or o.f != "enqueue" or frozen(o.value) in given]


register = Model("register", _register, None, READS | WRITES, READS, _read_somewhere)
"""Reads and writes (``get`` and ``put`` are the same by another name), initially None."""

cas_register = Model("cas-register", _cas_register, None, READS | WRITES | {"cas"}, READS, asked={"cas": PAIR})
"""A register with compare-and-set: ``cas`` with value ``[old, new]``. It is ``ok`` if it swapped; if it answers
False it compared and did not swap, which says that the state was not `old`."""

key_value = Model("kv", _key_value, "", frozenset({"get", "put", "append"}), frozenset({"get"}), _seen_somewhere,
                  asked={"put": TEXT, "append": TEXT}, told={"get": TEXT})
"""Strings under keys, initially "": get, put, append."""

mutex = Model("mutex", _mutex, (), frozenset({"acquire", "release"}))
"""A lock, initially free: acquire, release. If both bring a value, that is who asks, and it must be the same; else
anybody may release it. An acquire that answers False did not get it, which says that it was held."""

fifo_queue = Model("fifo-queue", _fifo_queue, (), frozenset({"enqueue", "dequeue"}), needed=_taken_somewhere)
"""First in, first out, initially empty: enqueue, dequeue. A dequeue that answers None found it empty."""

MODELS = {model.name: model for model in (register, cas_register, key_value, mutex, fifo_queue)}
