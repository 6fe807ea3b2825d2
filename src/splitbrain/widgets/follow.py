"""Reads a cluster's journal from where it stopped last time, and keeps what the panel shows of it.

What is kept does not grow with the run: the last lines of the log, the last answer at each node, the last
journeys of messages. Of a long stretch only its end is read.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from typing import Any

from splitbrain.records import Event, Journal, Message, arguments

LINES, JOURNEYS, EVENTS = 20, 60, 2000
"""Lines of the log, journeys drawn, and events of one stretch that are read."""


class Follower:
    """The memory of one panel.

    Attributes
    ----------
    lines : deque of (int, str, str)
        The log: a running number, the virtual time, and the text.
    answers : dict
        By home node, what its client asked last and was told: ``{"text": ..., "status": ...}``.
    landed, flying : list of dict
        See `journeys`.
    changes : list of (float, str, dict)
        ``(ms, node, values)`` of this stretch.
    homes : dict
        By client, its home node.
    stretch : tuple of float
        From when to when, in virtual ms, what has not been drawn yet goes.
    """

    def __init__(self):
        self.lines: deque[tuple[int, str, str]] = deque(maxlen=LINES)
        self._said = 0
        self._forget()

    def _forget(self) -> None:
        self.answers: dict[str, dict] = {}
        self.landed: list[dict] = []
        self.flying: list[dict] = []
        self.changes: list[tuple[float, str, dict]] = []
        self.homes: dict[str, str] = {}
        self.stretch = (0.0, 0.0)
        self.moments: list[float] = []
        self._journal: Journal | None = None
        self._read = 0
        self._asked: dict[str, dict] = {}
        self._departed: dict[int, float] = {}

    def say(self, text: str, ms: float | None = None) -> None:
        """Add a line to the log, of this moment or another."""
        self._said += 1
        self.lines.append((self._said, time(self.stretch[1] if ms is None else ms), text))

    @property
    def said(self) -> int:
        """How many lines there ever were."""
        return self._said

    def read(self, cluster) -> None:
        """Take in what happened since the last time."""
        journal = cluster.journal
        if self._journal is not journal and self._journal is not None:
            self._forget()
            self.lines.clear()
            self.say("the cluster begins again")
        self._journal = journal
        new = len(journal) - self._read
        events = journal[-min(new, EVENTS):] if new else []
        self._read += new
        self.stretch = (self.stretch[0], cluster.now)
        self.moments += sorted({e.time for e in events})
        self.changes += [(e.time, e.node, dict(e.detail["values"])) for e in events if e.kind == "values"]
        if new > len(events):
            self.say(f"{new - len(events):,} earlier events are in cluster.journal")
        flying = cluster.in_flight()
        self._log(events, flying)
        self._travel(events, flying)

    def shown(self) -> None:
        """What was read so far has been drawn: a new stretch begins."""
        self.stretch = (self.stretch[1], self.stretch[1])
        self.landed, self.changes, self.moments = [], [], []

    @property
    def journeys(self) -> list[dict]:
        """Messages that travelled in this stretch: ``message``, ``sent`` and ``ends`` in ms, ``lost``, ``flying``."""
        return (self.landed + self.flying)[-JOURNEYS:]

    def _log(self, events: list[Event], flying: list) -> None:
        spelled = _few(events)
        ended = {e.detail["operation"] for e in events if e.kind == "complete"}
        for event in events:
            for text in self._told(event, ended, spelled):
                self.say(text, event.time)
        if not spelled:
            self.say(_count(events, len(flying)))

    def _told(self, event: Event, ended: set[str], spelled: bool) -> Iterator[str]:
        """What is to be said of one event: often nothing."""
        detail = event.detail
        if event.kind == "invoke":
            self._ask(event)
            if detail["operation"] not in ended:
                yield f"{event.node} asks {detail['node']}: {called(detail)}"
        elif event.kind == "complete":
            yield self._answer(event)
        elif event.kind == "fault":
            yield detail["fault"]
        elif event.message is not None:
            if spelled and not self._is_told(event, ended):
                yield _message(event)
        elif event.kind in _SENTENCES:
            yield _SENTENCES[event.kind].format(node=event.node, **{"kind": "", "role": "", "text": ""} | dict(detail))

    def _is_told(self, event: Event, ended: set[str]) -> bool:
        """Whether a message is a client's question or answer, which has its own line."""
        message = event.message
        if message.source not in self.homes and message.target not in self.homes:
            return False
        return message.operation in ended or (event.kind == "send" and message.source in self.homes)

    def _ask(self, event: Event) -> None:
        home = event.detail["node"]
        asked = {"operation": event.detail["operation"], "text": called(event.detail), "node": home,
                 "writes": event.detail.get("value") is not None}
        self._asked[event.node] = asked  # a client asks for one thing at a time
        self.homes[event.node] = home
        self.answers[home] = {"client": event.node, "text": f"{asked['text']} …", "status": "waiting"}

    def _answer(self, event: Event) -> str:
        detail = event.detail
        unheard = {"text": detail["operation"], "node": self.homes.get(event.node, ""), "writes": False}
        asked = self._asked.pop(event.node, unheard)
        if asked.get("operation") != detail["operation"]:
            asked = unheard  # its question was in what was not read
        status, text, home = detail["status"], asked["text"], asked["node"]
        told = {"ok": _result(asked, detail), "fail": "✕ refused"}.get(status, "→ nobody knows")
        self.answers[home] = {"client": event.node, "text": f"{text} {told}", "status": status}
        return f"{event.node} at {home}: {text}{f' {told}' if status == 'ok' else _why(detail)}"

    def _travel(self, events: Iterable[Event], flying: Iterable[tuple[Message, float, float]]) -> None:
        departed, self._departed = self._departed, {}
        for event in events:
            if event.kind == "send":
                departed[event.message.id] = event.time
            elif event.kind in ("receive", "drop") and event.message.id in departed:
                self.landed.append({"message": event.message, "sent": departed[event.message.id], "ends": event.time,
                                    "lost": event.kind == "drop", "flying": False})
        self.landed = self.landed[-JOURNEYS:]
        self.flying = []
        for message, sent, arrives in flying:
            self._departed[message.id] = sent = departed.get(message.id, sent)
            self.flying.append({"message": message, "sent": sent, "ends": arrives, "lost": False, "flying": True})


def _result(asked: dict, detail: dict) -> str:
    """None is the answer of a read; of a write it says no more than that it is done."""
    result = detail.get("result")
    return "✓" if result is None and asked["writes"] else f"→ {short(result)}"


def _why(detail: dict) -> str:
    why = f": {detail['error']}" if detail.get("error") else ""
    rest = "it did not happen" if detail["status"] == "fail" else "nobody knows whether it happened"
    return why if "nobody knows" in why else f"{why}; {rest}"


_SENTENCES = {
    "crash": "{node} crashes ({kind})", "restart": "{node} restarts", "pause": "{node} is paused",
    "resume": "{node} goes on", "role": "{node} is now {role}", "note": "{node}: {text}",
}


def _message(event: Event) -> str:
    message = event.message
    if event.kind == "drop":
        reason = {"cut": "the link is cut", "crashed": f"{message.target} is down"}.get(
            event.detail.get("reason"), event.detail.get("reason"))
        return f"{message} from {message.source} to {message.target} is lost: {reason}"
    if event.kind == "send":
        return f"{message.source} sends {message} to {message.target}"
    return f"{message.target} receives {message} from {message.source}"


def _few(events: list[Event]) -> bool:
    """Whether messages are told one by one, not counted: they are few, or all from one step."""
    kinds = [e.kind for e in events if e.message is not None]
    return len(kinds) <= 4 or (len(kinds) <= 12 and len(kinds) - kinds.count("send") <= 1)


def _count(events: list[Event], flying: int) -> str:
    kinds = Counter(e.kind for e in events if e.message is not None)
    counts = [f"{kinds['send']} messages sent", f"{kinds['receive']} arrived"]
    counts += [f"{n} {what}" for n, what in ((kinds["drop"], "lost"), (flying, "under way")) if n]
    return ", ".join(counts)


def called(detail: dict) -> str:
    """An operation as it was asked for: ``put(x, 1)``."""
    return f"{detail['f']}({', '.join(map(short, arguments(detail.get('key'), detail.get('value'))))})"


def short(value: Any, width: int = 20) -> str:
    """A value in little room; a string as it is."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= width else text[: width - 1] + "…"


def time(ms: float) -> str:
    """Virtual time for people: one decimal and the unit.

    >>> time(12.0), time(1234.567)
    ('12.0 ms', '1,234.6 ms')
    """
    return f"{ms:,.1f} ms"
