"""What clients asked and were told: operations and histories, and their form as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from splitbrain.records import json_lines, sketch
from splitbrain.records.text import short
from splitbrain.records.verdicts import FAIL, OK, UNKNOWN


def arguments(key: Any, value: Any) -> tuple:
    """What a handler is given: the key, if there is one, and the value; a tuple is several values, None is none.

    >>> arguments("x", None), arguments("x", (1, 2)), arguments(None, [1, 2])
    (('x',), ('x', 1, 2), ([1, 2],))
    """
    values = value if isinstance(value, tuple) else () if value is None else (value,)
    return values if key is None else (key, *values)


@dataclass(frozen=True, slots=True)
class Operation:
    """What a client asked for, and what it was told: an interval of time with an outcome.

    Attributes
    ----------
    process : str or int
        The client. It asks for one thing at a time.
    f : str
        The function: ``read``, ``write``, ``get``, ``put``, ``cas``, ``txn``, ...
    key : Any
        What it was asked of; None where there is only one object.
    value : Any
        The argument, as invoked; a tuple if there were several.
    result : Any
        The answer; meaningful only when `status` is ``ok``.
    status : str
        ``ok``; ``fail`` (it certainly did not happen); ``unknown`` (nobody can know: it may have happened,
        may happen later, or never).
    invoked, returned : float or None
        Virtual milliseconds. `returned` is when the client was told, or gave up waiting; None when the run
        ended first. An unknown operation may take effect at *any* time after `invoked`.
    start, end : int or None
        Positions in the order of events. A precedes B if and only if ``A.end < B.start``. `end` is None for
        an operation whose outcome is unknown.
    index : int
        Place in its history, in the order of invocation, from 0.
    node : str
        The node that was asked, if one was.
    error : str
        Why it is ``fail`` or ``unknown``.
    delays : int
        Message delays until the client was told (see `Message.depth`); 0 if not measured.
    """

    process: str | int
    f: str
    key: Any = None
    value: Any = None
    result: Any = None
    status: str = OK
    invoked: float = 0.0
    returned: float | None = None
    start: int = 0
    end: int | None = None
    index: int = 0
    node: str = ""
    error: str = ""
    delays: int = 0

    def __str__(self) -> str:
        asked = ", ".join(map(short, arguments(self.key, self.value)))
        told = {OK: short(self.result), FAIL: "failed", UNKNOWN: "?"}[self.status]
        return f"{self.process}: {self.f}({asked}) -> {told}"


class History(tuple):
    """An immutable sequence of `Operation`, in the order of their invocation.

    >>> lines = '''{"process": 0, "type": "invoke", "f": "write", "value": 1}
    ... {"process": 0, "type": "ok", "f": "write", "value": 1}'''
    >>> print(History.from_json_lines(lines.splitlines())[0])
    0: write(1) -> 1
    """

    __slots__ = ()

    def __new__(cls, operations: Iterable[Operation] = ()):
        return super().__new__(cls, operations)

    def __repr__(self) -> str:
        return f"History({len(self)} operations, {len(self.processes)} processes)"

    def __str__(self) -> str:
        return "\n".join(map(str, self))

    @property
    def processes(self) -> list:
        """Every process, in the order of its first operation."""
        return list(dict.fromkeys(o.process for o in self))

    def by_key(self) -> dict[Any, History]:
        """One history a key; positions are kept, so real-time order holds across them."""
        return _group(self, lambda o: o.key)

    def by_process(self) -> dict[Any, History]:
        """One history a process."""
        return _group(self, lambda o: o.process)

    def where(self, **wanted: Any) -> History:
        """Operations whose fields equal the ones given: ``history.where(f="read", status="ok")``."""
        return History(o for o in self if all(getattr(o, name) == value for name, value in wanted.items()))

    @classmethod
    def from_json_lines(cls, lines: Iterable[str]) -> History:
        """Read a history in Jepsen's shape, one event a line.

        Each line is ``{"process": 0, "type": "invoke|ok|fail|info", "f": "read", "key": "x", "value": 1,
        "time": 12.5}``; ``key`` and ``time`` may be left out. The order of the lines is the order of events, and
        positions are places of lines: an operation was invoked on line ``start + 1`` and told on line ``end + 1``.
        Lines of a process named ``nemesis`` are passed over.

        Raises
        ------
        ValueError
            Naming the line and what is wrong with it.
        """
        return cls(Operation(**told) for told in json_lines.operations(lines))

    @classmethod
    def from_sketch(cls, text: str) -> History:
        """Read a history that is drawn in letters, a line a process: see `splitbrain.records.sketch`.

        Raises
        ------
        ValueError
            Naming the line and what is wrong with it.

        Examples
        --------
        >>> print(History.from_sketch('''
        ... ann  [put x=1 ]           [put x=2 ?
        ... bob          [get x -> 1]
        ... '''))
        ann: put(x, 1) -> None
        bob: get(x) -> 1
        ann: put(x, 2) -> ?
        """
        return cls(Operation(**told) for told in sketch.operations(text))

    def to_sketch(self) -> str:
        """The drawing that `from_sketch` reads."""
        return sketch.sketch(self)

    def to_json_lines(self) -> str:
        """The same shape as `from_json_lines` reads, events in their order."""
        events = []
        for o in self:
            common = {"process": o.process, "f": o.f} | ({} if o.key is None else {"key": o.key})
            events.append((o.start, common | {"type": "invoke", "value": o.value, "time": o.invoked}))
            if o.end is not None:
                told = {"type": o.status, "value": o.result if o.status == OK else o.value, "time": o.returned}
                events.append((o.end, common | told))
            elif o.returned is not None:
                events.append((float("inf"), common | {"type": "info", "value": o.value, "time": o.returned}))
        events.sort(key=lambda pair: pair[0])
        return "".join(json.dumps(event, sort_keys=True) + "\n" for _, event in events)


def _group(history: History, name) -> dict[Any, History]:
    groups: dict[Any, list[Operation]] = {}
    for operation in history:
        groups.setdefault(name(operation), []).append(operation)
    return {key: History(group) for key, group in groups.items()}
