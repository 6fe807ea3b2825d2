"""The space-time diagram: a line a process, time running down, an arrow a message.

After L. Lamport, "Time, clocks, and the ordering of events in a distributed system", CACM 21(7), 1978, section
"The partial ordering", turned so that time runs downwards and words stay level.
"""

from __future__ import annotations

from typing import Any

from splitbrain.records import FAIL, OK, UNKNOWN, Window
from splitbrain.views import style, telling
from splitbrain.views.arrows import draw_flight, draw_words
from splitbrain.views.canvas import Canvas, legend, legend_lines, plain_settings
from splitbrain.views.drawing import SMALL, Drawing
from splitbrain.views.picture import Picture
from splitbrain.views.processes import draw_clock, draw_event, draw_lines, draw_operation, draw_windows
from splitbrain.views.scene import Flight, Scene, choose, place
from splitbrain.views.sources import body, journal_of, witness_of


def space_time(run: Any, *, start: float | None = None, end: float | None = None, nodes=None, witness: Any = None,
               width: float | None = None, limit: int = 40) -> Picture:
    """Who sent what to whom, and when: messages, operations, commits, faults.

    Parameters
    ----------
    run : Run, Cluster or Journal
        What happened.
    start, end : float, optional
        Virtual milliseconds: show what lies between.
    nodes : sequence of str, or names parted by spaces, optional
        Show these, and the clients that ask them.
    witness : Witness or Verdict, optional
        Mark its operations and events; by default that of the run's own verdict.
    width : float, optional
        Pixels; by default what the words need, about 860 at most.
    limit : int
        Draw at most so many messages: the first ones, or those from the witness on. What is left out is said.

    Returns
    -------
    Picture
        Time is to scale only roughly: quiet stretches are shortened, busy ones stretched, the order is exact.

    Raises
    ------
    TypeError
        If `run` holds no journal.
    ValueError
        If the journal is empty, nothing happened between `start` and `end`, or a name is in no event.
    """
    journal = journal_of(run)
    if limit < 1:
        raise ValueError(f"limit={limit}: draw at least one message")
    scene = choose(run, list(journal), start, end, nodes, witness_of(run, witness), limit)
    with plain_settings():
        drawing = _draw(scene, journal.windows(), width)
    caption = "Time runs down, in virtual milliseconds; quiet stretches are shortened."
    if scene.left_out:
        caption += f" Left out: {'; '.join(scene.left_out)}."
        if any("messages" in what for what in scene.left_out):
            caption += " Choose what is shown with start=, end= and nodes=."
    if drawing.unlabelled:
        many = drawing.unlabelled > 1
        caption += f" {drawing.unlabelled} arrow{'s stand' if many else ' stands'} too close for words: the table has "
        caption += "them." if many else "it."
    return Picture.from_figure(drawing.canvas.figure, telling.alternative(scene), telling.table(scene), caption)


def _draw(scene: Scene, windows: list[Window], width: float | None) -> Drawing:
    first = scene.events[0].time
    scene.top += 16 * sum(w.start < first and (w.end is None or w.end >= first) for w in windows)
    place(scene, [body(f.message) for f in scene.flights if _speaks(f, scene)], width)
    signs = _signs(scene)
    lines = legend_lines(scene.width, 20, [text for _, text in signs], size=SMALL)
    drawing = Drawing(scene, windows, Canvas(scene.width, scene.bottom + 26 + 19.25 * lines))
    draw_windows(drawing)
    draw_lines(drawing)
    draw_clock(drawing)
    for asked in scene.operations:
        draw_operation(drawing, asked)
    for event in scene.events:
        draw_event(drawing, event)
    arrows = [(flight, arrow) for flight in scene.flights for arrow in draw_flight(drawing, flight)]
    for flight, arrow in arrows:
        if _speaks(flight, scene) and not flight.shared:
            draw_words(drawing, flight, arrow)
    legend(drawing.canvas, 20, scene.bottom + 24, signs, size=SMALL)
    return drawing


def _speaks(flight: Flight, scene: Scene) -> bool:
    """Requests and answers of clients are told by the operation beside them."""
    return flight.message.source in scene.nodes and flight.message.target in scene.nodes


def _signs(scene: Scene) -> list[tuple[Any, str]]:
    """What the signs mean, of those that occur."""
    kinds = {f.message.kind for f in scene.flights}
    ends = {e.kind for f in scene.flights for e in f.ends}
    commits = {bool(e.detail.get("forced")) for e in scene.events if e.kind == "commit"}
    told = {o.status for o in scene.operations}
    flying = any(not f.ends for f in scene.flights)
    proven = bool(scene.witness.events) or any(o.witness for o in scene.operations)

    def square(fill, edge=style.INK):
        return lambda c, x, y: c.box(x - 5, y - 5, 10, 10, fill=fill, edge=edge, line=1.6)

    def bar(fill, edge):
        return lambda c, x, y: c.box(x - 4, y - 7, 8, 14, fill=fill, edge=edge, line=1.2, radius=2)

    def failed(c, x, y):
        bar(style.PAPER, style.INK)(c, x, y)
        c.cross(x, y + 4, 4)

    def unknown(c, x, y):
        c.box(x - 4, y - 7, 8, 8, fill=style.ORANGE, edge=style.INK, line=1.2)
        c.line([(x, y + 1), (x, y + 8)], colour=style.INK, width=3, dash=(2.5, 2.5))

    def arrow(colour, dash=None):
        return lambda c, x, y: c.arrow((x - 10, y), (x + 10, y), colour=colour, width=1.3, dash=dash)

    entries = [
        (kinds & {"request", "send"}, arrow(style.BLUE), "message"),
        (kinds & {"response", "error"}, arrow(style.SOFT, (5, 3)), "answer"),
        ("drop" in ends, lambda c, x, y: c.cross(x, y, 5, colour=style.VERMILLION, width=2.2), "lost"),
        (flying, lambda c, x, y: c.line([(x - 10, y), (x + 10, y)], colour=style.BLUE, width=1.3, dash=(1.5, 4)),
         "still on its way"),
        (True in commits, square(style.INK), "commit, forced"),
        (False in commits, square(style.PAPER), "commit, not forced"),
        (OK in told, bar(style.SKY, style.BLUE), "operation, ok"),
        (FAIL in told, failed, "failed"),
        (UNKNOWN in told, unknown, "outcome unknown"),
        (proven, lambda c, x, y: c.box(x - 9, y - 7, 18, 14, fill=style.TINTS["vermillion"], edge=style.VERMILLION,
                                       line=2.2, radius=5), "◆ the verdict's witness"),
    ]
    return [(draw, text) for occurs, draw, text in entries if occurs]
