"""What a space-time diagram shows of its processes: life lines, operations, commits, faults, the clock."""

from __future__ import annotations

from splitbrain.records import FAIL, OK, Event
from splitbrain.views import style, telling
from splitbrain.views.drawing import ONE_COLUMN, SMALL, Drawing
from splitbrain.views.sources import Asked, say, when

STATES = {"crash": "crashed", "restart": "up", "pause": "paused", "resume": "up"}


def draw_windows(drawing: Drawing) -> None:
    """The span of every fault, shaded: across the sheet, or along the line of the node that it strikes."""
    scene = drawing.scene
    for window in drawing.windows:
        top, bottom = drawing.span(window)
        if window.kind in ONE_COLUMN:
            sides = [(scene.x[n] - 14, scene.x[n] + 14) for n in window.nodes if n in scene.x]
        else:
            sides = [(62, scene.width - 10)]
        for left, right in sides:
            drawing.canvas.box(left, top, right - left, max(bottom - top, 2), fill=style.SHADE, edge=None, z=0.2,
                               name=f"window-{window.kind}")
    # What began before the picture does has no line of its own in it, so it is named where its shade begins.
    earlier = [w for w in drawing.windows if w.start < scene.events[0].time]
    for number, window in enumerate(earlier):
        name = window.fault if "(" in window.fault else f"{' '.join(window.nodes)}: {window.kind}"
        text = style.fit(f"{name} since {when(window.start)} ms", scene.width - 130, SMALL)
        drawing.say(scene.width - 18, scene.head + 10 + 16 * number, text, colour=style.RUST,
                    align="right", name="fault")


def draw_lines(drawing: Drawing) -> None:
    """A line a process: whole while it is up, dashed while it is paused, dotted while it is crashed."""
    scene, canvas = drawing.scene, drawing.canvas
    for name in scene.columns:
        x, client = scene.x[name], name in scene.clients
        wide = style.text_width(name, 12, "bold") + 18
        canvas.box(x - wide / 2, 20, wide, 24, fill=style.PAPER if client else style.TINTS["blue"],
                   edge=style.SOFT if client else style.BLUE, radius=12 if client else 3, z=4)
        canvas.text(x, 32, name, weight="bold", align="center")
        earlier = [e for e in scene.everything[: scene.events[0].index] if e.kind in STATES and e.node == name]
        y, state = 44.0, STATES[earlier[-1].kind] if earlier else "up"
        for event in [e for e in scene.events if e.node == name and e.kind in STATES]:
            _line(drawing, x, y, scene.y[event.index], state)
            y, state = scene.y[event.index], STATES[event.kind]
        _line(drawing, x, y, scene.bottom, state)


def _line(drawing: Drawing, x: float, top: float, bottom: float, state: str) -> None:
    dash = {"up": None, "paused": (6, 4), "crashed": (1.5, 5)}[state]
    drawing.canvas.line([(x, top), (x, bottom)], width=1.4, dash=dash)


def draw_clock(drawing: Drawing) -> None:
    """Times on the left, as close as they can be read; three dots where a quiet stretch is shortened."""
    scene, canvas = drawing.scene, drawing.canvas
    canvas.text(46, 32, "ms", size=SMALL, colour=style.SOFT, align="right")
    last, told = -99.0, None
    for event in scene.events:
        y, time = scene.y[event.index], when(event.time)
        if time != told and y - last >= 15 and all(abs(y - pause) > 13 for pause in scene.pauses):
            canvas.text(46, y, time, size=10.5, colour=style.SOFT, align="right")
            canvas.line([(51, y), (56, y)], colour=style.RULE)
            last, told = y, time
    for y in scene.pauses:
        for dy in (-4, 0, 4):
            canvas.circle(40, y + dy, 1.2, fill=style.SOFT, edge=None)


def draw_event(drawing: Drawing, event: Event) -> None:
    """A mark on the line of whoever it happened to. Messages and operations are drawn elsewhere."""
    scene, canvas, kind, detail = drawing.scene, drawing.canvas, event.kind, event.detail
    if event.message is not None or kind in ("invoke", "complete"):
        return
    y, x = scene.y[event.index], scene.x.get(event.node, 0)
    if kind == "fault":
        _fault(drawing, y, detail.get("fault", detail.get("kind", "fault")))
    elif kind == "commit":
        fill = style.INK if detail.get("forced") else style.PAPER
        canvas.box(x - 5, y - 5, 10, 10, fill=fill, edge=style.INK, line=1.6, z=4.5,
                   name="commit-forced" if detail.get("forced") else "commit-unforced")
    elif kind == "values":
        drawing.say_beside(x, y, _news(drawing, event))
    elif kind == "crash":
        canvas.cross(x, y, 6, colour=style.VERMILLION, width=2.6, name="crash")
        drawing.say_beside(x, y, "power gone" if detail.get("kind") == "power" else "crash", colour=style.RUST)
    elif kind in STATES:
        canvas.circle(x, y, 5, edge=style.VERMILLION if kind == "pause" else style.GREEN, line=2)
        drawing.say_beside(x, y, kind, colour=style.RUST if kind == "pause" else style.INK)
    else:
        canvas.circle(x, y, 3, fill=style.INK, edge=None)
        text = detail.get("role") or detail.get("text") or kind
        drawing.say_beside(x, y, say(text), weight="italic")
    if event.index in scene.witness.events:
        canvas.circle(x, y, 10, fill=None, edge=style.VERMILLION, line=2.4, name=f"witness-event-{event.index}")


def _fault(drawing: Drawing, y: float, text: str) -> None:
    right = drawing.scene.width - 10
    drawing.canvas.line([(62, y), (right, y)], colour=style.RUST, width=1, dash=(4, 3), z=2.5)
    text = style.fit(text, right - 120, SMALL)
    drawing.say(right - 8, y, text, colour=style.RUST, align="right", name="fault")


def _news(drawing: Drawing, event: Event) -> str:
    """What a node holds now that it did not hold before."""
    earlier = reversed(drawing.scene.everything[: event.index])
    before = next((e for e in earlier if e.kind == "values" and e.node == event.node), None)
    old, new = before.detail.get("values", {}) if before else {}, event.detail.get("values", {})
    if not isinstance(new, dict) or not isinstance(old, dict):
        return telling.values_text(new)
    changed = {k: v for k, v in new.items() if k not in old or old[k] != v}
    gone = [f"{say(k)} gone" for k in old if k not in new]
    return ", ".join(([telling.values_text(changed)] if changed else []) + gone)


def draw_operation(drawing: Drawing, asked: Asked) -> None:
    """An interval on the client's line: what was asked where it begins, what was told where it ends."""
    scene, canvas = drawing.scene, drawing.canvas
    x, side = scene.x[asked.client], scene.outward(asked.client)
    top = scene.y.get(asked.invoke.index, scene.head)
    ended = asked.complete is not None and asked.complete.index in scene.y
    bottom = scene.y[asked.complete.index] if ended else scene.bottom
    looks = {OK: (style.SKY, style.BLUE), FAIL: (style.PAPER, style.INK)}
    fill, edge = looks.get(asked.status, (style.ORANGE, style.INK))
    name = f"witness-{asked.id}" if asked.witness else None
    if asked.witness:
        canvas.box(x - 8, top - 4, 16, bottom - top + 8, fill=style.TINTS["vermillion"], edge=style.VERMILLION,
                   line=2.2, radius=6, z=2.6, name=name)
    canvas.box(x - 4, top, 8, max(bottom - top, 3), fill=fill, edge=edge, line=1.2, radius=2 if ended else 0, z=3.5)
    if asked.status == FAIL and ended:
        canvas.cross(x, bottom, 5, colour=style.INK)
    if asked.status not in (OK, FAIL):
        # Open below: it may yet take effect.
        canvas.line([(x, bottom), (x, bottom + 14)], colour=style.INK, width=3, dash=(2.5, 2.5), z=3.6)
    mark, colour = ("◆ ", style.RUST) if asked.witness else ("", style.INK)
    sign = {OK: "", FAIL: "✗ "}.get(asked.status, "? ")
    words = [(top, mark + asked.question)] if asked.invoke.index in scene.y else []
    words += [(bottom, sign + asked.answer)] if ended else []
    for y, text in words:
        text = style.fit(text, scene.room[asked.client] - 18, SMALL)
        drawing.say(x + side * 13, y, text, colour=colour, align="right" if side < 0 else "left", name="operation")
