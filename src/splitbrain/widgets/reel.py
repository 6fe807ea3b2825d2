"""The journal for the page: every event once, in small increments, as changes of what is drawn.

The page keeps the increments and finds any past moment in them: for each thing that is drawn the last change at or
before a position, and the messages that were on their way. It computes nothing else, so what it can show is what was
drawn here, from the same `Moment` by which `splitbrain.widgets.moment` says what is right.
"""

from __future__ import annotations

from typing import Any

from splitbrain.explore.spelling import read_fault
from splitbrain.records import Event
from splitbrain.records.journal import Windows
from splitbrain.widgets.drawn import compared, draw_link, draw_node
from splitbrain.widgets.follow import answered, called, short
from splitbrain.widgets.layout import Layout
from splitbrain.widgets.moment import Moment

KEPT = 20_000
"""Of a longer stretch only so many last events are sent: the page can go back that far."""
_SIGNS = {"crash", "restart", "pause", "resume", "role", "note"}


class Reel:
    """Reads a cluster's journal from where it stopped, and says what is new.

    Attributes
    ----------
    told : bool
        Whether the line at the top says how the copies compare, not something of the learner's own; if so, rows on
        which they differ are marked.
    then : Moment
        As it was at the last event that was read.
    read : int
        How many events those are.
    """

    def __init__(self, cluster, layout: Layout, *, kept: int = KEPT, told: bool = True):
        self.cluster, self.layout, self.kept, self.told = cluster, layout, kept, told
        self.journal = cluster.journal
        self.then = Moment.first(cluster)
        self.read = 0
        self._windows = Windows()
        self._drawn: dict[str, Any] = {}
        self._open: dict[int, int] = {}

    def news(self, said: dict | None = None) -> dict:
        """What has happened since the last time; `said` is a verdict that was given now, by the learner's own function.

        Returns
        -------
        dict
            ``from`` and ``until``, positions in the journal; ``whole`` if what is drawn at ``from`` is all told again.
            ``times``, in ms, of the events between. ``tracks``,
            ``[position, thing, look]``: how a thing looks from a position on. ``flights``, ``[position, id, kind,
            source, target, text, operation, ms]``: a message is under way from a position on, sent at that time;
            ``ends``, ``[position, id, lost]``: until another. ``marks``, ``[position, kind, place, text, more]``: what
            else is drawn in the space-time diagram.
        """
        begin, whole = self.read, not self._drawn
        self._news = {"from": begin, "times": [], "tracks": [], "flights": [], "ends": [], "marks": []}
        if len(self.journal) - begin > self.kept:
            begin, whole = self._skip(len(self.journal) - self.kept), True
        if whole:
            self._news["from"] = begin
            self._drawn.clear()
            self._redraw("all")
            self._redraw("answers")
        for event in self.journal[begin:]:
            self._take(event)
        self.read = len(self.journal)
        if said is not None:
            self._change("v", said)
        return self._news | {"until": self.read, "whole": whole}

    def _skip(self, until: int) -> int:
        """Read without telling, up to a position."""
        for index in range(self.read, until):
            raw = self.journal.raw[index]
            if len(raw) == 2 or raw[1] == "drop":
                self._open.pop(raw[-1][0] if len(raw) == 2 else raw[3][0], None)
            elif len(raw) == 5:
                event = self.journal[index]
                self.then.feed(event)
                if event.kind in Windows.kinds:
                    self._windows.feed(event)
            else:
                self._open[raw[0]] = index
        self.then.index = until
        for index in self._open.values():
            self._flight(self.journal[index], until)
        for number, window in enumerate(self._windows.all):
            if window["end"] is None:
                self._mark(until, "open", "", window["fault"], [number, list(window["nodes"])])
        return until

    def _take(self, event: Event) -> None:
        here, message = event.index + 1, event.message
        self._news["times"].append(event.time)
        if event.kind == "send":
            self._flight(event, here)
        elif message is not None:
            self._news["ends"].append([here, message.id, int(event.kind == "drop")])
        else:
            self._redraw(self.then.feed(event))
            self._tell(event, here)
        self.then.index, self.then.time = here, event.time

    def _flight(self, event: Event, here: int) -> None:
        m = event.message
        self._news["flights"].append([here, m.id, m.kind, m.source, m.target, short(str(m), 26), m.operation,
                                      event.time])

    def _redraw(self, what: str) -> None:
        if what in ("all", "nodes"):
            for name in self.cluster.names:
                self._change(f"n {name}", draw_node(self.layout, self.then, name, copies=self.told))
            if self.told:
                text, agrees = compared(self.then)
                self._change("v", {"text": text, "agrees": agrees})
        if what == "all":
            for a, b in self.cluster.links:
                self._change(f"l {a} {b}", draw_link(self.then, a, b))
            self._change("g", [list(group) for group in self.then.groups])
        if what == "answers":
            for name, answer in self.then.answers.items():
                self._change(f"a {name}", answer)

    def _change(self, thing: str, look: Any) -> None:
        if self._drawn.get(thing) != look:
            self._drawn[thing] = look
            self._news["tracks"].append([self.then.index, thing, look])

    def _tell(self, event: Event, here: int) -> None:
        """Marks of the space-time diagram, and the second copy of a message that is repeated."""
        detail = event.detail
        if event.kind == "fault":
            self._mark(here, "fault", "", detail["fault"])
        elif event.kind == "commit":
            self._mark(here, "commit", event.node, "", bool(detail.get("forced")))
        elif event.kind == "invoke":
            self._mark(here, "invoke", event.node, called(detail), [detail["operation"], detail["node"]])
        elif event.kind == "complete":
            self._mark(here, "complete", event.node, answered(self.then.asked[event.node], detail),
                       [detail["operation"], detail["status"]])
        elif event.kind in _SIGNS:
            text = detail.get("role") or detail.get("text") or detail.get("kind") or ""
            self._mark(here, event.kind, event.node, short(text, 40))
        if event.kind in Windows.kinds:
            for number in self._windows.feed(event):
                window = self._windows.all[number]
                if window["end"] is None:
                    self._mark(here, "open", "", window["fault"], [number, list(window["nodes"])])
                else:
                    self._mark(here, "close", "", "", [number])
        if detail.get("kind") == "repeat":
            self._mark(here, "repeat", "", detail["fault"], self._repeated(event))

    def _repeated(self, event: Event) -> int:
        """The id of the message that a `repeat` concerns: it is on its way, so it is among the last."""
        fault = read_fault(event.detail["fault"])
        sent = [e.message.id for e in self.journal[:event.index] if e.kind == "send" and fault.args == (
            e.message.operation, e.message.source, e.message.target)]
        return sent[dict(fault.options).get("nth", 0)]

    def _mark(self, *mark: Any) -> None:
        self._news["marks"].append(list(mark))
