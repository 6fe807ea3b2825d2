"""A space-time diagram in words: its text alternative and its table."""

from __future__ import annotations

from collections import Counter
from typing import Any

from splitbrain.records import OK, Event
from splitbrain.views.scene import Scene
from splitbrain.views.sources import Asked, body, say, some, when


def alternative(scene: Scene) -> str:
    """What the diagram shows, in sentences."""
    lost = [(f, e) for f in scene.flights for e in f.ends if e.kind == "drop"]
    groups = (("clients", scene.clients), ("nodes", scene.nodes))
    people = [f"{what} {', '.join(names)}" for what, names in groups if names]
    lines = [f"Space-time diagram from {when(scene.events[0].time)} to {when(scene.events[-1].time)} ms: "
             f"{'; '.join(people)}. {_count(len(scene.flights), 'message')}"
             + (f", {len(lost)} lost." if lost else ".")]
    if scene.operations:
        lines.append(some((_operation(o, scene) for o in scene.operations), "; ") + ".")
    links = Counter((f.message.source, f.message.target) for f in scene.flights
                    if f.message.source in scene.nodes and f.message.target in scene.nodes)
    if links:
        lines.append("Between nodes: " + some((f"{a} to {b} {n}" for (a, b), n in links.items()), limit=12) + ".")
    if lost:
        lines.append("Lost: " + some((f"{body(f.message)} from {f.message.source} to {f.message.target} "
                                      f"({reason(e)})" for f, e in lost), "; ") + ".")
    upsets = [e for e in scene.events if e.kind in ("fault", "crash", "restart", "pause", "resume")]
    if upsets:
        lines.append("Faults: " + some((f"{_fault(e)} at {when(e.time)} ms" for e in upsets), "; ") + ".")
    held = {e.node: values_text(e.detail.get("values", {})) for e in scene.events if e.kind == "values"}
    if held:
        lines.append("In the end " + "; ".join(f"{node} holds {text}" for node, text in sorted(held.items())) + ".")
    proof = [_operation(o, scene) for o in scene.operations if o.witness]
    proof += [_plain(e, scene) for e in scene.events if e.index in scene.witness.events]
    if proof:
        lines.append("The verdict's witness: " + some(proof, "; ") + ".")
    if scene.left_out:
        lines.append("Left out: " + "; ".join(scene.left_out) + ".")
    return "\n".join(lines)


def table(scene: Scene) -> list[dict[str, Any]]:
    """Every event of the diagram, a row an event."""
    rows = []
    proven = {i for o in scene.operations if o.witness
              for i in (o.invoke.index, o.complete.index if o.complete else -1)} | set(scene.witness.events)
    for event in scene.events:
        what, which = _event(event, scene)
        row = {"ms": round(event.time, 3), "where": event.node or "network", "what": what, "which": which}
        if proven:
            row["witness"] = "yes" if event.index in proven else ""
        rows.append(row)
    return rows


def reason(event: Event) -> str:
    """Why a message was dropped, in a word."""
    return {"loss": "lost", "stale": "meant for an earlier life"}.get(why := event.detail.get("reason", "lost"), why)


def values_text(values: Any) -> str:
    """What a node holds: ``x = 1, y = 2``."""
    if not isinstance(values, dict):
        return say(values)
    return ", ".join(f"{say(k)} = {say(v)}" for k, v in values.items()) or "nothing"


def _operation(asked: Asked, scene: Scene) -> str:
    of = f" {asked.home}" if asked.home else ""
    text = f"{asked.client} asked{of} {asked.question} at {when(asked.invoke.time)} ms"
    if asked.complete is None or asked.complete.index > scene.events[-1].index:
        return f"{text} and was told nothing yet"
    told = asked.answer.removeprefix("→ ")
    verb = "was told" if asked.status == OK else "was refused:" if asked.status == "fail" else "gave up:"
    return f"{text} and {verb} {told} at {when(asked.complete.time)} ms"


def _fault(event: Event) -> str:
    detail = event.detail
    if event.kind == "fault":
        return detail.get("fault", detail.get("kind", "fault"))
    return f"{event.node} {_DONE[event.kind]}" + (" (power)" if detail.get("kind") == "power" else "")


_DONE = {"crash": "crashes", "restart": "restarts", "pause": "is paused", "resume": "goes on"}


def _event(event: Event, scene: Scene) -> tuple[str, str]:
    message, detail, kind = event.message, event.detail, event.kind
    if message is not None:
        words = body(message)
        if kind == "send":
            return "sends", f"{words} to {message.target}"
        if kind == "receive":
            return "receives", f"{words} from {message.source}"
        return f"dropped ({reason(event)})", f"{words} from {message.source} to {message.target}"
    for asked in scene.operations:
        if asked.invoke.index == event.index:
            return f"asks {asked.home}".rstrip(), asked.question
        if asked.complete is not None and asked.complete.index == event.index:
            return f"is told ({asked.status})", asked.answer.removeprefix("→ ")
    if kind in _DONE:
        return _DONE[kind], "power" if detail.get("kind") == "power" else ""
    if kind == "commit":
        return "commits", "forced" if detail.get("forced") else "not forced"
    if kind == "values":
        return "holds", values_text(detail.get("values", {}))
    if kind == "fault":
        return "fault", _fault(event)
    return {"role": "becomes", "note": "notes"}.get(kind, kind), say(detail.get("role") or detail.get("text") or "")


def _plain(event: Event, scene: Scene) -> str:
    what, which = _event(event, scene)
    return f"{event.node or 'network'} {what} {which}".strip() + f" at {when(event.time)} ms"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
