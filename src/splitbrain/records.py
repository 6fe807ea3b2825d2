"""The plain values that everything speaks: messages, operations, histories, journals, verdicts.

Checkers and views know only this file, so a history from the simulator, from Redis or from a user's own
database meets the same checker and the same picture. Nothing here imports anything else of ours.

Times are virtual milliseconds. The order of events is their *position*, never their time: two events may
share a time, and then only the position says which came first.
"""

from __future__ import annotations

import hashlib
import json
import marshal
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

OK, FAIL, UNKNOWN = "ok", "fail", "unknown"
VIOLATED = "violated"


@dataclass(frozen=True, slots=True)
class Message:
    """One message: who sent what to whom, and which operation caused it.

    Attributes
    ----------
    id : int
        Unique in a run, in the order of sending.
    kind : str
        ``request`` and its ``response`` or ``error``, or ``send`` (nobody waits for an answer).
    source, target : str
        Names of nodes or clients.
    method : str
        The handler that is called; a response bears its request's.
    body : Any
        Plain data: the handler's arguments (a tuple), or the value it returned.
    size : int
        Bytes of the serialised body.
    operation : str
        Identifies what caused it: ``c1#3`` is the third operation of client c1.
    reply_to : int or None
        Id of the request that this answers.
    depth : int
        Length of the longest chain of messages, each sent after the one before was received, that ends in
        this one and began with its operation (Lamport's message delays).
    """

    id: int
    kind: str
    source: str
    target: str
    method: str
    body: Any
    size: int
    operation: str
    reply_to: int | None = None
    depth: int = 1

    def __str__(self) -> str:
        if self.kind in ("response", "error"):
            return f"{self.method} -> {_short(self.body)}"
        return f"{self.method}({', '.join(_short(a) for a in self.body)})"


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
        The argument, as invoked.
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
        asked = ", ".join(_short(v) for v in (self.key, self.value) if v is not None)
        told = {OK: _short(self.result), FAIL: "failed", UNKNOWN: "?"}[self.status]
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
        "time": 12.5}``; ``key`` and ``time`` may be left out. The order of the lines is the order of events.

        Raises
        ------
        ValueError
            Naming the line and what is wrong with it.
        """
        return cls(_pair(_parse(lines)))

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


_TYPES = {"invoke", "ok", "fail", "info"}


def _parse(lines: Iterable[str]) -> Iterator[tuple[int, dict]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            event = json.loads(line)
        except json.JSONDecodeError as error:
            raise ValueError(f"line {number}: not JSON ({error.msg} at column {error.colno})") from None
        if not isinstance(event, dict):
            raise ValueError(f"line {number}: expected an object, got {_short(event)}")
        missing = [name for name in ("process", "type", "f") if name not in event]
        if missing:
            raise ValueError(f"line {number}: {missing[0]!r} is missing")
        if event["type"] not in _TYPES:
            raise ValueError(f"line {number}: type {event['type']!r} is none of invoke, ok, fail, info")
        if not isinstance(event["process"], str | int):
            raise ValueError(f"line {number}: process must be a string or a number, got {_short(event['process'])}")
        yield number, event


def _pair(events: Iterable[tuple[int, dict]]) -> list[Operation]:
    operations: list[dict] = []
    running: dict[Any, tuple[int, dict]] = {}
    for position, (number, event) in enumerate(events):
        process = event["process"]
        if event["type"] == "invoke":
            if process in running:
                raise ValueError(f"line {number}: process {process} invokes {event['f']!r} while its operation "
                                 f"of line {running[process][0]} has not ended")
            entry = {"process": process, "f": event["f"], "key": event.get("key"), "value": event.get("value"),
                     "status": UNKNOWN, "invoked": float(event.get("time") or position), "start": position,
                     "index": len(operations)}
            operations.append(entry)
            running[process] = number, entry
            continue
        if process not in running:
            raise ValueError(f"line {number}: process {process} completes {event['f']!r}, which it never invoked")
        begun, entry = running.pop(process)
        if entry["f"] != event["f"]:
            raise ValueError(f"line {number}: process {process} completes {event['f']!r}, but on line {begun} it "
                             f"invoked {entry['f']!r}")
        entry["returned"] = float(event.get("time") or position)
        if event["type"] in (OK, FAIL):
            entry |= {"status": event["type"], "result": event.get("value"), "end": position}
    return [Operation(**entry) for entry in operations]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, made from the journal when it is read.

    Attributes
    ----------
    index : int
        Position in the journal, from 0.
    time : float
        Virtual milliseconds.
    kind : str
        ``send``, ``receive``, ``drop``, ``invoke``, ``complete``, ``commit``, ``crash``, ``restart``,
        ``pause``, ``resume``, ``fault`` (see `Journal.windows`), ``role``, ``note``.
    node : str
        Where it happened: a node, a client, or "" for the whole cluster.
    message : Message or None
        For ``send``, ``receive`` and ``drop``.
    detail : dict
        What else there is to say, plain data: the reason of a drop, the operation of an invoke, ...
    """

    index: int
    time: float
    kind: str
    node: str
    message: Message | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        what = ""
        if self.message is not None:
            what = f"{self.message} {self.message.source} -> {self.message.target}"
        rest = " ".join(f"{k}={_short(v)}" for k, v in self.detail.items())
        return f"{self.time:10.3f}  {self.node:<6} {self.kind:<9} {what}{' ' if what and rest else ''}{rest}".rstrip()


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time in which a fault was active; `end` is None if it was never ended.

    `fault` is its line of code, as in the schedule; `nodes` the nodes it concerns (empty: links only or all);
    `kind` is ``partition``, ``cut``, ``crash``, ``pause``, ``slow``, ``loss``, ...
    """

    start: float
    end: float | None
    kind: str
    fault: str
    nodes: tuple[str, ...] = ()


class Journal:
    """Everything that happened in a run, in order.

    While a run goes on it holds plain tuples, for speed and memory; `Event` and `Message` objects are made when
    it is read. An event is ``(microseconds, kind, node, message tuple or None, detail)``, but for the two that
    there are most of: a sending is the message tuple itself, a receipt ``(microseconds, message tuple)``. A
    message tuple is ``(id, kind, source, target, method, body bytes, operation, reply_to, depth, ..., ...,
    microseconds)``; the two left out belong to the simulator.
    """

    __slots__ = ("raw",)

    def __init__(self, raw: list[tuple] | None = None):
        self.raw = [] if raw is None else raw

    def __len__(self) -> int:
        return len(self.raw)

    def __iter__(self) -> Iterator[Event]:
        return map(_event, range(len(self.raw)), self.raw)

    def __getitem__(self, index):
        if isinstance(index, slice):
            return [_event(i, self.raw[i]) for i in range(*index.indices(len(self.raw)))]
        index = range(len(self.raw))[index]
        return _event(index, self.raw[index])

    def __repr__(self) -> str:
        return f"Journal({len(self)} events)"

    def of(self, *kinds: str) -> list[Event]:
        """The events of these kinds."""
        return [_event(i, raw) for i, raw in enumerate(self.raw) if _kind(raw) in kinds]

    def to_bytes(self) -> bytes:
        """The whole journal as JSON lines: the same run gives the same bytes, everywhere."""
        return "".join(json.dumps(_plain_event(e), separators=(",", ":"), default=_json) + "\n" for e in self).encode()

    def digest(self) -> str:
        """A short fingerprint of `to_bytes`."""
        return hashlib.sha256(self.to_bytes()).hexdigest()[:16]

    def windows(self) -> list[Window]:
        """When which fault was active, from ``fault``, ``crash``/``restart`` and ``pause``/``resume`` events.

        A ``fault`` event's detail holds ``fault`` (its line of code), ``kind``, ``nodes``, and ``ends``: the
        kinds of fault that it ends (``heal`` ends ``["partition", "cut", "isolate"]``).
        """
        windows: list[dict] = []
        open_ones: list[dict] = []

        def close(kinds, nodes, time):
            for window in [w for w in open_ones if w["kind"] in kinds and (not nodes or set(nodes) & set(w["nodes"]))]:
                window["end"] = time
                open_ones.remove(window)

        for event in self.of("fault", "crash", "restart", "pause", "resume"):
            ends = {"restart": ["crash"], "resume": ["pause"]}.get(event.kind, event.detail.get("ends", []))
            nodes = (event.node,) if event.node else tuple(event.detail.get("nodes", ()))
            close(ends, nodes if event.kind in ("restart", "resume") or event.detail.get("only") else (), event.time)
            # A crash's own kind is how it went down: "process" or "power".
            kind = event.detail.get("kind", event.kind) if event.kind == "fault" else event.kind
            if event.kind in ("crash", "pause") or event.detail.get("lasts"):
                window = {"start": event.time, "end": None, "kind": kind,
                          "fault": event.detail.get("fault", kind), "nodes": nodes}
                windows.append(window)
                open_ones.append(window)
        return [Window(**window) for window in windows]


def _kind(raw: tuple) -> str:
    return raw[1] if len(raw) == 5 else "receive" if len(raw) == 2 else "send"


def _event(index: int, raw: tuple) -> Event:
    if len(raw) == 2:
        raw = (raw[0], "receive", raw[1][3], raw[1], None)
    elif len(raw) != 5:
        raw = (raw[11], "send", raw[2], raw, None)
    microseconds, kind, node, message, detail = raw
    return Event(index, microseconds / 1000, kind, node, None if message is None else _message(message), detail or {})


def _message(raw: tuple) -> Message:
    id_, kind, source, target, method, body, operation, reply_to, depth = raw[:9]
    return Message(id_, kind, source, target, method, marshal.loads(body), len(body), str(operation), reply_to, depth)


def _plain_event(event: Event) -> list:
    message = event.message
    return [event.time, event.kind, event.node,
            None if message is None else [getattr(message, f.name) for f in fields(message)], dict(event.detail)]


def _json(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    raise TypeError(f"{type(value).__name__} in a journal")


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a run cost. Ledgers subtract: ``cluster.ledger - before`` is the price of what lay between.

    `messages` and `bytes` count what was put on the network, lost or not, clients' requests and responses
    included; `delays` the longest chain of messages that an operation waited for; `transactions` commits;
    `forced_writes` those that waited for the disk.
    """

    messages: int = 0
    bytes: int = 0
    delays: int = 0
    transactions: int = 0
    forced_writes: int = 0

    def __sub__(self, other: Ledger) -> Ledger:
        counts = {f.name: getattr(self, f.name) - getattr(other, f.name) for f in fields(self)}
        return Ledger(**counts | {"delays": self.delays})


@dataclass(frozen=True, slots=True)
class Witness:
    """What shows that a verdict is right: the fewest things to look at.

    Attributes
    ----------
    operations : tuple of Operation
        The operations that cannot all be right.
    events : tuple of int
        Positions in the journal, where the witness is there rather than in the history.
    edges : tuple of (int, int, str)
        ``(i, j, reason)`` between operation indexes: i must come before j, because.
    """

    operations: tuple[Operation, ...] = ()
    events: tuple[int, ...] = ()
    edges: tuple[tuple[int, int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a checker says: ``ok``, ``violated`` or ``unknown``, one sentence, and a witness.

    ``unknown`` means that the checker ran out of its budget; it never stands for ``ok``.

    >>> print(Verdict("violated", "n1 says 1 and n2 says 2", checker="convergence"))
    violated: n1 says 1 and n2 says 2
    """

    status: str
    explanation: str
    checker: str = ""
    witness: Witness | None = None
    anomalies: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    states: int = 0

    def __post_init__(self):
        if self.status not in (OK, VIOLATED, UNKNOWN):
            raise ValueError(f"a verdict is ok, violated or unknown, not {self.status!r}")

    def __bool__(self) -> bool:
        raise TypeError("a verdict is ok, violated or unknown: compare verdict.status, it is not true or false")

    def __str__(self) -> str:
        return f"{self.status}: {self.explanation}"

    def to_dict(self) -> dict:
        """Plain data, ready for JSON."""
        return asdict(self)


def _short(value: Any, width: int = 40) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= width else text[: width - 3] + "..."
