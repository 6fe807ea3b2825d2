"""Everything that happened in a run: messages, events, the journal, and when which fault was active."""

from __future__ import annotations

import hashlib
import json
import marshal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from splitbrain.records.text import short


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
            return f"{self.method} -> {short(self.body)}"
        return f"{self.method}({', '.join(short(a) for a in self.body)})"


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
        rest = " ".join(f"{k}={short(v)}" for k, v in self.detail.items())
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


_ENDS = {"restart": ["crash"], "resume": ["pause"], "crash": ["pause"]}  # what an event of a node ends there


class Journal:
    """Everything that happened in a run, in order.

    While a run goes on it holds plain tuples, for speed and memory; `Event` and `Message` objects are made when
    it is read. An event is ``(microseconds, kind, node, message tuple or None, detail)``, but for the two that
    there are most of: a sending is the message tuple itself, a receipt ``(microseconds, message tuple)``. A
    message tuple is ``(id, kind, source, target, method, body bytes, operation, reply_to, depth, ..., ...,
    microseconds, ordinal)``; the two left out belong to the simulator.
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
        return "".join(_line(_plain_event(event)) + "\n" for event in self).encode()

    def digest(self) -> str:
        """A short fingerprint of `to_bytes`."""
        return hashlib.sha256(self.to_bytes()).hexdigest()[:16]

    def windows(self) -> list[Window]:
        """When which fault was active, from ``fault``, ``crash``/``restart`` and ``pause``/``resume`` events.

        A ``fault`` event's detail holds ``fault`` (its line of code), ``kind``, ``nodes``, and ``ends``: the
        kinds of fault that it ends (``heal`` ends ``["partition", "cut", "isolate"]``); with ``only``, of those that
        concern all of its nodes.
        """
        found = Windows()
        for event in self.of(*found.kinds):
            found.feed(event)
        return [Window(**window) for window in found.all]


class Windows:
    """Reads event after event, and knows which fault was active when.

    Attributes
    ----------
    all : list of dict
        The fields of a `Window` each, in the order of their beginning.
    """

    kinds = ("fault", "crash", "restart", "pause", "resume")

    def __init__(self):
        self.all: list[dict[str, Any]] = []
        self._open: list[int] = []

    def feed(self, event: Event) -> list[int]:
        """Take in an event of one of `kinds`; the places in `all` of the windows that it opened or closed."""
        ends = _ENDS.get(event.kind, event.detail.get("ends", []))
        nodes = (event.node,) if event.node else tuple(event.detail.get("nodes", ()))
        concerned = set(nodes if event.kind in _ENDS or event.detail.get("only") else ())
        changed = [i for i in self._open if self.all[i]["kind"] in ends and concerned <= set(self.all[i]["nodes"])]
        for place in changed:
            self.all[place]["end"] = event.time
            self._open.remove(place)
        # A crash's own kind is how it went down: "process" or "power".
        kind = event.detail.get("kind", event.kind) if event.kind == "fault" else event.kind
        if event.kind in ("crash", "pause") or event.detail.get("lasts"):
            changed.append(len(self.all))
            self._open.append(len(self.all))
            self.all.append({"start": event.time, "end": None, "kind": kind, "fault": event.detail.get("fault", kind),
                             "nodes": nodes})
        return changed


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


def _line(event: list) -> str:
    try:
        return json.dumps(event, separators=(",", ":"), default=_json)
    except (TypeError, ValueError):  # plain data that JSON has no way to say
        return json.dumps(_spelled(event), separators=(",", ":"), default=_json)


def _spelled(value: Any) -> Any:
    """The same with dicts whose keys are no strings as pairs, and integers too long for Python's digits in base 16."""
    if isinstance(value, dict) and not all(isinstance(key, str) for key in value):
        return {"pairs": [[_spelled(key), _spelled(item)] for key, item in value.items()]}
    if isinstance(value, dict):
        return {key: _spelled(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_spelled(item) for item in value]
    return hex(value) if isinstance(value, int) and value.bit_length() > 1024 else value


def _json(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    raise TypeError(f"{type(value).__name__} in a journal")
