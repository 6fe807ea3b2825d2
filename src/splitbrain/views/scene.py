"""What a space-time diagram will show, and where: choosing the events, then giving each its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from splitbrain.records import Event, Message, Witness
from splitbrain.views.sources import Asked, names_in, natural, operations_in, when
from splitbrain.views.style import text_width

SHORTEST, LONGEST = 4, 44  # pixels between two moments: enough to see which came first, not so many that one scrolls
ROW = 17  # one line of letters
_WIDEST, _WIDEST_WORDS = 980, 150


@dataclass
class Flight:
    """A message and what became of it: one end a delivery, or one where it was dropped; none while it flies."""

    message: Message
    sent: Event | None = None
    ends: list[Event] = field(default_factory=list)
    shared: bool = False  # its words stand at another message of the same broadcast


@dataclass
class Scene:
    """The chosen part of a journal. `x` is by name, `y` by position in the journal."""

    nodes: list[str]
    left: list[str]
    right: list[str]
    events: list[Event]
    flights: list[Flight]
    operations: list[Asked]
    witness: Witness
    left_out: list[str]
    everything: list[Event]
    x: dict[str, float] = field(default_factory=dict)
    y: dict[int, float] = field(default_factory=dict)
    pauses: list[float] = field(default_factory=list)  # heights at which a quiet stretch is shortened
    gap: float = 0  # pixels between two nodes
    room: dict[str, float] = field(default_factory=dict)  # pixels for the words beside a client
    width: float = 0
    head: float = 50  # where the names of the columns end
    top: float = 64  # where events begin
    bottom: float = 0

    @property
    def clients(self) -> list[str]:
        return self.left + self.right

    @property
    def columns(self) -> list[str]:
        return [*self.left, *self.nodes, *self.right]

    def outward(self, client: str) -> int:
        """-1 where a client's words stand to its left, 1 where to its right."""
        return -1 if client in self.left else 1


def choose(source: Any, everything: list[Event], start: float | None, end: float | None, nodes: Sequence[str] | None,
           witness: Witness, limit: int) -> Scene:
    """The events between two times, of some nodes; at most `limit` messages."""
    first, last = everything[0].time, everything[-1].time
    if start is not None and end is not None and end < start:
        raise ValueError(f"end={end:g} lies before start={start:g}")
    if (start is not None and start > last) or (end is not None and end < first):
        raise ValueError(f"nothing happened then: the journal goes from {first:g} to {last:g} ms")
    every_node, every_client = names_in(source, everything)
    operations = operations_in(everything, witness)
    shown_nodes, shown_clients = _columns(nodes, every_node, every_client, operations)
    shown = {*shown_nodes, *shown_clients}

    inside = [e for e in everything if _within(e, start, end) and _concerns(e, shown)]
    if not inside:
        raise ValueError(f"nothing happened to {', '.join(sorted(shown))} in that time: the journal goes from "
                         f"{first:g} to {last:g} ms")
    events, left_out = _cap(inside, witness, operations, limit)
    for names, what in ((every_node, "node"), (every_client, "client")):
        hidden = [n for n in names if n not in shown]
        if hidden:
            left_out.append(f"{what}{'s' if len(hidden) > 1 else ''} {', '.join(hidden)}")
    here = {e.index for e in events}
    operations = [o for o in operations if o.client in shown and (
        o.invoke.index in here or (o.complete is not None and o.complete.index in here)
        or (o.invoke.index < events[0].index and (o.complete is None or o.complete.index > events[-1].index)))]
    asking = [c for c in shown_clients if nodes is not None or any(o.client == c for o in operations)
              or any(e.message and c in (e.message.source, e.message.target) for e in events)]
    left, right = _sides(asking, shown_nodes, operations)
    return Scene(shown_nodes, left, right, events, _flights(events), operations, witness, left_out,
                 everything)


def _columns(wanted, nodes: list[str], clients: list[str], operations: list[Asked]) -> tuple[list[str], list[str]]:
    if wanted is None:
        return nodes, clients
    wanted = wanted.split() if isinstance(wanted, str) else list(wanted)
    for name in wanted:
        if name not in nodes and name not in clients:
            raise ValueError(f"there is no {name!r} in this journal; there are {', '.join(nodes + clients)}")
    chosen = [n for n in wanted if n in nodes]
    beside = {o.client for o in operations if o.home in chosen}
    return chosen, [c for c in clients if c in wanted or c in beside]


def _within(event: Event, start: float | None, end: float | None) -> bool:
    return (start is None or start <= event.time) and (end is None or event.time <= end)


def _concerns(event: Event, shown: set[str]) -> bool:
    if event.message is not None:
        return event.message.source in shown and event.message.target in shown
    return event.kind == "fault" or event.node in shown


def _cap(inside: list[Event], witness: Witness, operations: list[Asked], limit: int) -> tuple[list[Event], list[str]]:
    """At most `limit` messages, and not many more other events, beginning with the witness if there is one."""
    sends = sum(e.kind == "send" for e in inside)
    if sends <= limit and len(inside) <= 6 * limit:
        return inside, []
    proof = [*witness.events, *(o.invoke.index for o in operations if o.witness)]
    begin = next((n for n, e in enumerate(inside) if proof and e.index >= min(proof)), 0)
    kept: list[Event] = []
    shown = 0
    for event in inside[begin:]:
        shown += event.kind == "send"
        if shown > limit or len(kept) >= 6 * limit:
            break
        kept.append(event)
    shown = sum(e.kind == "send" for e in kept)
    before = f"before {when(kept[0].time)} and " if begin else ""
    return kept, [f"{sends - shown} of {sends} messages, sent {before}after {when(kept[-1].time)} ms"]


def _sides(clients: list[str], nodes: list[str], operations: list[Asked]) -> tuple[list[str], list[str]]:
    """Clients stand outside, on the side of the node that they ask, the nearest to it innermost."""
    home = {o.client: nodes.index(o.home) for o in operations if o.home in nodes}
    middle = (len(nodes) - 1) / 2
    left, right = [], []
    for client in sorted(clients, key=natural):
        place = home.get(client, 0)
        (right if place > middle or (place == middle and len(right) < len(left)) else left).append(client)
    left.sort(key=lambda c: -home.get(c, 0))
    return left, sorted(right, key=lambda c: -home.get(c, 0))


def _flights(events: list[Event]) -> list[Flight]:
    flights: dict[int, Flight] = {}
    said: set[tuple] = set()
    for event in events:
        if event.message is None:
            continue
        flight = flights.setdefault(event.message.id, Flight(event.message))
        if event.kind == "send":
            flight.sent = event
            message = event.message
            words = (event.time, message.source, message.kind, message.method, repr(message.body))
            flight.shared = words in said
            said.add(words)
        else:
            flight.ends.append(event)
    return list(flights.values())


def place(scene: Scene, words: list[str], width: float | None) -> None:
    """Give every name its column and every event its height.

    `words` stand on arrows between nodes. Without a `width` the columns are as far apart as these need, within what a
    notebook shows at full size.
    """
    for client in scene.clients:
        labels = [t for o in scene.operations if o.client == client for t in (o.question, o.answer)]
        scene.room[client] = min(max([text_width(f"◆ {t}", 11) for t in labels] + [30]), _WIDEST_WORDS) + 20
    margin = 12 if scene.right else max(90, min(_widest_said(scene) + 28, 190))
    outside = 66 + sum(scene.room.values()) + (60 if scene.left else 24) + max(margin, 90)
    free = ((width or _WIDEST) - outside) / max(len(scene.nodes) - 1, 1)
    longest = min(max([text_width(w, 11) for w in words] + [60]), 190) + 34
    scene.gap = max(free if width else min(longest, free), 90)
    x = 66.0
    for client in scene.left:
        x += scene.room[client]
        scene.x[client] = x
    x += 60 if scene.left else 24
    for i, node in enumerate(scene.nodes):
        x += scene.gap if i else 0
        scene.x[node] = x
    for i, client in enumerate(scene.right):
        x += scene.room[scene.right[i - 1]] if i else max(78, _widest_news(scene) + 40)
        scene.x[client] = x
    scene.width = max(x + (scene.room[scene.right[-1]] if scene.right else 0) + margin, width or 0, 420)
    _heights(scene)


def _widest_news(scene: Scene) -> float:
    """How wide what the last node comes to hold is said, up to a bound: its place is before the clients beside it."""
    last = scene.nodes[-1:]
    shown = [e.detail.get("values") for e in scene.events if e.kind == "values" and e.node in last]
    words = [f"{key} = {value}" for values in shown if isinstance(values, dict) for key, value in values.items()]
    return min(max([text_width(w, 11) for w in words] + [0]), 140)


def _widest_said(scene: Scene) -> float:
    """How wide what is said beside the last node is: what it notes, and what it comes to hold at one moment."""
    words, held = [], {}
    drawn = {event.index for event in scene.events}
    for event in scene.everything:
        if event.node not in scene.nodes[-1:] or event.kind not in ("note", "values"):
            continue
        values = event.detail.get("values")
        if isinstance(values, dict):
            text = ", ".join(f"{k} = {v}" for k, v in values.items() if k not in held or held[k] != v)
            held = values
        else:
            text = str(event.detail.get("text", ""))
        if event.index in drawn:
            words.append(text)
    return max([text_width(w, 11) for w in words] + [0])


def _heights(scene: Scene) -> None:
    """Time runs downwards: an event lies below all before it, or beside those of the same moment."""
    steps = [b.time - a.time for a, b in zip(scene.events, scene.events[1:], strict=False) if b.time > a.time]
    scale = 15 / median(steps) if steps else 0
    y, before = scene.top + 16, None
    lowest: dict[str, tuple[float, str]] = {}  # the last thing in a column, and what kind it was
    for event in scene.events:
        step = 0.0
        if before is not None and event.time > before.time:
            step = min(max((event.time - before.time) * scale, SHORTEST), LONGEST)
            if (event.time - before.time) * scale > 3 * LONGEST:
                scene.pauses.append(y + step / 2 + 4)
                step += 8
        if before is not None and "fault" in (event.kind, before.kind):
            step = max(step, 26)
        y += step
        where = event.message.source if event.kind == "drop" and event.message else event.node
        if where in lowest and event.kind != "drop":
            last, kind = lowest[where]
            y = max(y, last + _apart(kind, event.kind))
        scene.y[event.index] = y
        if event.kind != "drop":
            lowest[where] = (y, event.kind)
        before = event
    fallen = [scene.y[f.sent.index] + 30 for f in scene.flights if f.sent and any(e.kind == "drop" for e in f.ends)]
    scene.bottom = max([y + 26, *fallen])


_TOGETHER = {("invoke", "send"), ("receive", "complete"), ("send", "send"), ("commit", "values"), ("values", "values")}


def _apart(above: str, below: str) -> float:
    """How far two things in one column must stay from each other."""
    if (above, below) in _TOGETHER:
        return 0
    if (above, below) == ("receive", "send"):
        return 5
    if (above, below) == ("complete", "invoke"):
        return ROW + 5
    if above == "fault" or below == "fault":
        return 26
    return ROW
