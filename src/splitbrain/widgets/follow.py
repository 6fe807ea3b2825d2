"""Tells in words what happens: reads a cluster's journal from where it stopped last time.

What is kept does not grow with the run: the last lines of the log. Of a long stretch only its end is read.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from typing import Any

from splitbrain.records import Event, Journal, arguments

LINES, EVENTS = 20, 2000
"""Lines of the log, and events of one stretch that are read."""


class Follower:
    """The log of one panel.

    Attributes
    ----------
    lines : deque of (int, str, str)
        A running number, the virtual time, and the text.
    """

    def __init__(self):
        self.lines: deque[tuple[int, str, str]] = deque(maxlen=LINES)
        self._said = 0
        self._forget()

    def _forget(self) -> None:
        self._journal: Journal | None = None
        self._read = 0
        self._now = 0.0
        self._homes: dict[str, str] = {}
        self._asked: dict[str, Mapping] = {}

    def say(self, text: str, ms: float | None = None) -> None:
        """Add a line to the log, of this moment or another."""
        self._said += 1
        self.lines.append((self._said, time(self._now if ms is None else ms), text))

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
        self._now = cluster.now
        if new > len(events):
            self.say(f"{new - len(events):,} earlier events are in cluster.journal")
        spelled = _few(events)
        ended = {e.detail["operation"] for e in events if e.kind == "complete"}
        for event in events:
            for text in self._told(event, ended, spelled):
                self.say(text, event.time)
        if not spelled:
            self.say(_count(events, len(cluster.in_flight())))

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
        if message.source not in self._homes and message.target not in self._homes:
            return False
        return message.operation in ended or (event.kind == "send" and message.source in self._homes)

    def _ask(self, event: Event) -> None:
        self._homes[event.node] = event.detail["node"]
        self._asked[event.node] = event.detail  # a client asks for one thing at a time

    def _answer(self, event: Event) -> str:
        detail, asked = event.detail, self._asked.pop(event.node, {})
        known = asked.get("operation") == detail["operation"]  # or its question was in what was not read
        text = called(asked) if known else detail["operation"]
        told = f" {answered(asked if known else {}, detail)}" if detail["status"] == "ok" else _why(detail)
        return f"{event.node} at {self._homes.get(event.node, '')}: {text}{told}"


def answered(asked: Mapping, detail: Mapping) -> str:
    """What a client was told who asked for this, in a few letters: ``→ 7``."""
    return {"ok": _result(asked, detail), "fail": "✕ refused"}.get(detail["status"], "→ nobody knows")


def _result(asked: Mapping, detail: Mapping) -> str:
    """None is the answer of a read; of a write it says no more than that it is done."""
    result = detail.get("result")
    return "✓" if result is None and asked.get("value") is not None else f"→ {short(result)}"


def _why(detail: Mapping) -> str:
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


def called(detail: Mapping) -> str:
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
