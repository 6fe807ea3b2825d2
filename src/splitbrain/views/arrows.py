"""The messages of a space-time diagram: arrows, where they end, and the words on them."""

from __future__ import annotations

from splitbrain.records import Event
from splitbrain.views import style
from splitbrain.views.canvas import text_box
from splitbrain.views.drawing import SMALL, Drawing
from splitbrain.views.scene import Flight
from splitbrain.views.sources import body
from splitbrain.views.telling import reason

Point = tuple[float, float]


def draw_flight(drawing: Drawing, flight: Flight) -> list[tuple[Point, Point]]:
    """The arrows of one message; where each begins and ends."""
    message = flight.message
    answer = message.kind in ("response", "error")
    look = {"colour": style.SOFT if answer else style.BLUE, "width": 1.3, "dash": (5, 3) if answer else None}
    name = None
    if {e.index for e in (flight.sent, *flight.ends) if e} & set(drawing.scene.witness.events):
        look |= {"colour": style.VERMILLION, "width": 2.4}
        name = f"witness-message-{message.id}"
    arrows = []
    for end in flight.ends or [None]:
        start, tip = _ends(drawing, flight, end)
        if end is None:
            drawing.canvas.line([start, tip], name=name, **look | {"dash": (1.5, 4)})
        elif end.kind == "drop":
            drawing.canvas.line([start, tip], name=name, **look)
            drawing.canvas.cross(*tip, 5, colour=style.VERMILLION, width=2.2, name="lost")
            _why(drawing, start, tip, end)
        else:
            drawing.canvas.arrow(start, tip, name=name, **look)
        arrows.append((start, tip))
    return arrows


def _ends(drawing: Drawing, flight: Flight, end: Event | None) -> tuple[Point, Point]:
    scene, message = drawing.scene, flight.message
    source, target = scene.x[message.source], scene.x[message.target]
    way = 1 if target > source else -1
    if flight.sent is None:  # sent before what is shown begins
        start = (source + (target - source) * 0.4, scene.head)
    else:
        start = (source + way * 2, scene.y[flight.sent.index])
    if end is None:  # still on its way where the picture ends
        return start, (source + (target - source) * 0.55, max(scene.bottom, start[1] + 6))
    if end.kind != "drop":
        return start, (target - way * 2, scene.y[end.index])
    if flight.sent is not None and end.time == flight.sent.time:  # cut or lost: it never got away
        share = 0.62 if abs(target - source) <= scene.gap * 1.01 else 1 - 0.38 * scene.gap / abs(target - source)
        return start, (source + (target - source) * share, start[1] + 15)
    return start, (target - way * 16, max(scene.y[end.index], start[1] + 10))


def _why(drawing: Drawing, start: Point, tip: Point, end: Event) -> None:
    """A word beside the cross, on the far side of where the arrow comes from."""
    way = 1 if tip[0] > start[0] else -1
    word = reason(end)
    for x, y, align in ((tip[0] + way * 9, tip[1], "left" if way > 0 else "right"), (tip[0], tip[1] + 13, "center"),
                        (tip[0], tip[1] - 13, "center")):
        box = text_box(x, y, word, size=SMALL, align=align)
        lines = [c for c in drawing.scene.x.values() if box.left - 3 < c < box.right + 3]
        if drawing.is_free(box) and not lines:
            drawing.say(x, y, word, colour=style.RUST, align=align)
            return


def draw_words(drawing: Drawing, flight: Flight, arrow: tuple[Point, Point]) -> None:
    """What the message says, on its arrow where nothing else is said; shortened, or left to the table, if need be."""
    text = body(flight.message)
    short = text if flight.message.kind in ("response", "error") else f"{flight.message.method}(…)"
    colour = {"response": style.SOFT, "error": style.RUST}.get(flight.message.kind, style.INK)
    for words in dict.fromkeys((text, short)):
        for left, right in _gaps(drawing, arrow):
            shown = style.fit(words, right - left - 18, SMALL)
            if shown != words != short:
                continue
            slack = (right - left - 18 - style.text_width(shown, SMALL)) / 2
            for shift in (0, -0.5, 0.5, -1, 1):
                x = (left + right) / 2 + shift * slack
                y = _height_at(arrow, x)
                if shown and drawing.is_free(text_box(x, y, shown, size=SMALL, align="center"), 2):
                    drawing.say(x, y, shown, colour=colour, align="center", name="message")
                    return
    drawing.unlabelled += 1


def _gaps(drawing: Drawing, arrow: tuple[Point, Point]) -> list[tuple[float, float]]:
    """The spaces between life lines that the arrow crosses, the one where it arrives first."""
    (x0, _), (x1, _) = arrow
    low, high = min(x0, x1), max(x0, x1)
    lines = sorted(drawing.scene.x.values())
    spaces = [(a, b) for a, b in zip(lines, lines[1:], strict=False) if a >= low - 5 and a < high - 5]
    return spaces[::-1] if x1 > x0 else spaces


def _height_at(arrow: tuple[Point, Point], x: float) -> float:
    (x0, y0), (x1, y1) = arrow
    share = min(max((x - x0) / (x1 - x0), 0), 1) if x1 != x0 else 0.5
    return y0 + (y1 - y0) * share
