"""The cluster as it is now: who is up, who can reach whom, and what each node holds."""

from __future__ import annotations

import math
from typing import Any

from splitbrain.views import style
from splitbrain.views.canvas import Canvas, legend, legend_lines, plain_settings
from splitbrain.views.cluster_state import RADIUS, REGION, Member, State, card, read, set_out
from splitbrain.views.picture import Picture
from splitbrain.views.sources import body, say, some, when

SMALL = 11
_REGIONS = ("green", "yellow", "purple", "vermillion", "blue")


def topology(cluster: Any, *, title: str = "", width: float = 620) -> Picture:
    """Nodes, links, cuts, and what every node holds.

    Parameters
    ----------
    cluster : Cluster or Run
        Anything with ``names``, ``links``, ``is_cut(a, b)``, ``state(name)`` and ``values(name)``, or with a
        ``cluster`` that has; a run shows how its cluster was at the end.
    title : str
        Above the picture.
    width : float
        Pixels.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If `cluster` is neither.

    Notes
    -----
    Where links that are cut both ways part the nodes, each part is drawn as a region. Up to
    twelve nodes stand on a circle (a star has its hub in the middle), more where networkx's spring layout puts them.
    """
    state = read(cluster)
    with plain_settings():
        figure = _draw(state, title, width)
    return Picture.from_figure(figure, _alt(state, title), _table(state))


def _draw(state: State, title: str, width: float):
    height = set_out(state, width)
    shift = 28 if title or state.now is not None else 0
    state.place = {n: (x, y + shift) for n, (x, y) in state.place.items()}
    signs = _signs(state)
    lines = legend_lines(width, 20, [text for _, text in signs], size=SMALL)
    canvas = Canvas(width, height + shift + 14 + 19.25 * lines)
    if title:
        canvas.text(20, 26, title, size=14, weight="bold")
    if state.now is not None:
        canvas.text(width - 16, 26, f"at {when(state.now)} ms", size=SMALL, colour=style.SOFT, align="right")
    for number, group in enumerate(state.groups):
        _draw_region(canvas, [state.place[n] for n in group], style.TINTS[_REGIONS[number % len(_REGIONS)]])
    for a, b in state.links:
        _draw_link(canvas, state, a, b)
    for message, share in state.flying:
        (x0, y0), (x1, y1) = state.place[message.source], state.place[message.target]
        x, y = x0 + (x1 - x0) * (0.2 + 0.6 * share), y0 + (y1 - y0) * (0.2 + 0.6 * share)
        length = math.hypot(x1 - x0, y1 - y0) or 1
        canvas.arrow((x - 8 * (x1 - x0) / length, y - 8 * (y1 - y0) / length), (x, y), colour=style.BLUE, width=2.4,
                     head=9, name="message")
    for member in state.members.values():
        _draw_node(canvas, member, state.place[member.name])
        _draw_card(canvas, member, state)
    legend(canvas, 20, height + shift + 8, signs, size=SMALL)
    return canvas.figure


def _draw_region(canvas: Canvas, places: list[tuple[float, float]], fill: str) -> None:
    """A soft shape round a group: its hull, drawn with a pen as broad as a node and its surroundings."""
    hull = _hull(places)
    for broad, colour, z in ((2 * REGION + 2, style.SOFT, 0.3), (2 * REGION, fill, 0.4)):
        if len(hull) > 2:
            canvas.polygon(hull, fill=colour, edge=colour, width=broad, z=z, name="region" if z == 0.4 else None)
        else:
            ends = hull if len(hull) == 2 else [hull[0], (hull[0][0] + 0.01, hull[0][1])]
            canvas.line(ends, colour=colour, width=broad, z=z, name="region" if z == 0.4 else None)


def _hull(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Convex hull, by Andrew's monotone chain."""
    ordered = sorted(set(points))
    if len(ordered) < 3:
        return ordered

    def half(sequence):
        chain: list[tuple[float, float]] = []
        for p in sequence:
            while len(chain) > 1 and ((chain[-1][0] - chain[-2][0]) * (p[1] - chain[-2][1])
                                      <= (chain[-1][1] - chain[-2][1]) * (p[0] - chain[-2][0])):
                chain.pop()
            chain.append(p)
        return chain[:-1]

    return half(ordered) + half(ordered[::-1])


def _draw_link(canvas: Canvas, state: State, a: str, b: str) -> None:
    (x0, y0), (x1, y1) = state.place[a], state.place[b]
    length = math.hypot(x1 - x0, y1 - y0) or 1
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    start, end = (x0 + ux * RADIUS, y0 + uy * RADIUS), (x1 - ux * RADIUS, y1 - uy * RADIUS)
    middle = ((x0 + x1) / 2, (y0 + y1) / 2)
    ways = [((a, b) in state.cuts, start, end), ((b, a) in state.cuts, end, start)]
    if ways[0][0] == ways[1][0]:
        cut = ways[0][0]
        canvas.line([start, end], colour=style.VERMILLION if cut else style.SOFT, width=1.6,
                    dash=(6, 5) if cut else None, name=f"link-{a}-{b}-{'cut' if cut else 'up'}")
        if cut:
            canvas.cross(*middle, 6, colour=style.VERMILLION, width=2.4)
        return
    for cut, tail, tip in ways:  # one way only: two lines side by side
        side = 5 if tail is start else -5
        tail, tip = ((x - uy * side, y + ux * side) for x, y in (tail, tip))
        if cut:
            canvas.line([tail, tip], colour=style.VERMILLION, width=1.6, dash=(6, 5), name=f"link-{a}-{b}-cut-one-way")
            share = 0.62
            canvas.cross(tail[0] + (tip[0] - tail[0]) * share, tail[1] + (tip[1] - tail[1]) * share, 6,
                         colour=style.VERMILLION, width=2.4)
        else:
            canvas.arrow(tail, tip, colour=style.SOFT, width=1.6, head=9)


def _draw_node(canvas: Canvas, member: Member, place: tuple[float, float]) -> None:
    x, y = place
    name = f"node-{member.name}-{member.state}"
    if member.state == "crashed":
        r = RADIUS - 3
        canvas.box(x - r, y - r, 2 * r, 2 * r, fill=style.PAPER, edge=style.VERMILLION, line=2.4, dash=(5, 4), z=4,
                   name=name)
    elif member.state == "paused":
        corners = [(x + RADIUS * math.cos(a), y + RADIUS * math.sin(a)) for a in (math.pi / 3 * k for k in range(6))]
        canvas.polygon(corners, fill=style.TINTS["yellow"], edge=style.INK, width=2, z=4, name=name)
    else:
        canvas.circle(x, y, RADIUS, fill=style.TINTS["blue"], edge=style.BLUE, line=2, name=name)
        if member.role == "leader":
            canvas.circle(x, y, RADIUS - 4, fill=None, edge=style.BLUE, line=1.4)
    up = member.state == "up"
    canvas.text(x, y if up else y - 6, style.fit(member.name, 2 * RADIUS - 10, weight="bold"), weight="bold",
                align="center")
    if not up:
        canvas.text(x, y + 9, member.state, size=9.5, colour=style.RUST if member.state == "crashed" else style.INK,
                    align="center")


def _draw_card(canvas: Canvas, member: Member, state: State) -> None:
    """Role and values, outside the circle of nodes."""
    lines = card(member)
    (x, y), side = state.place[member.name], state.side[member.name]
    away, high = (REGION if state.groups else RADIUS), 16 * len(lines)
    if side in ("left", "right"):
        way = 1 if side == "right" else -1
        room = (canvas.width - x if way > 0 else x) - away - 18
        place, align, top = x + way * (away + 8), "left" if way > 0 else "right", y - high / 2 + 8
    else:
        room, place, align = 240, x, "center"
        top = y - away - high + 2 if side == "above" else y + away + 12
    for number, line in enumerate(lines):
        weight = "italic" if member.role and number == 0 else "normal"
        canvas.text(place, top + 16 * number, style.fit(line, room, SMALL, weight), size=SMALL, align=align,
                    weight=weight, ground=None if side != "below" else style.PAPER)


def _signs(state: State) -> list[tuple[Any, str]]:
    states = {m.state for m in state.members.values()}
    one_way = any((b, a) not in state.cuts for a, b in state.cuts)

    def cut(c, x, y):
        c.line([(x - 10, y), (x + 10, y)], colour=style.VERMILLION, width=1.6, dash=(6, 5))
        c.cross(x, y, 5, colour=style.VERMILLION, width=2)

    def hexagon(c, x, y):
        c.polygon([(x + 8 * math.cos(math.pi / 3 * k), y + 8 * math.sin(math.pi / 3 * k)) for k in range(6)],
                  fill=style.TINTS["yellow"], edge=style.INK)

    entries = [
        ("up" in states, lambda c, x, y: c.circle(x, y, 7, fill=style.TINTS["blue"], edge=style.BLUE, line=1.6), "up"),
        ("crashed" in states, lambda c, x, y: c.box(x - 7, y - 7, 14, 14, fill=style.PAPER, edge=style.VERMILLION,
                                                    line=1.8, dash=(4, 3)), "crashed"),
        ("paused" in states, hexagon, "paused"),
        (bool(state.links), lambda c, x, y: c.line([(x - 10, y), (x + 10, y)], colour=style.SOFT, width=1.6), "link"),
        (bool(state.cuts), cut, "cut, one way or both" if one_way else "cut"),
        (bool(state.flying), lambda c, x, y: c.arrow((x - 8, y), (x + 8, y), colour=style.BLUE, width=2.4, head=9),
         "message on its way"),
        (bool(state.groups), lambda c, x, y: c.box(x - 9, y - 7, 18, 14, fill=style.TINTS["green"], edge=style.SOFT,
                                                   radius=6), "can reach each other"),
    ]
    return [(draw, text) for occurs, draw, text in entries if occurs]


def _held(member: Member) -> str:
    return ", ".join(f"{say(k)} = {say(v)}" for k, v in member.values.items()) or "nothing"


def _cut_text(state: State) -> list[str]:
    both = [f"{a} and {b}" for a, b in state.links if (a, b) in state.cuts and (b, a) in state.cuts]
    single = [f"{a} to {b} (this way only)" for a, b in sorted(state.cuts) if (b, a) not in state.cuts]
    return both + single


def _alt(state: State, title: str) -> str:
    at = f" at {when(state.now)} ms" if state.now is not None else ""
    lines = [f"Topology{': ' + title if title else ''}{at}. Nodes: {len(state.members)}. Links: {len(state.links)}."]
    lines.append(some((f"{m.name} is {m.state}" + (f", {m.role}" if m.role else "") + f", and holds {_held(m)}"
                       for m in state.members.values()), "; ", 12) + ".")
    cuts = _cut_text(state)
    lines.append("Cut: " + some(cuts, "; ") + "." if cuts else "No link is cut.")
    if state.groups:
        lines.append("Groups that can reach each other: " + " | ".join(", ".join(g) for g in state.groups) + ".")
    if state.flying:
        flying = (f"{body(m)} from {m.source} to {m.target}" for m, _ in state.flying)
        lines.append(f"On their way: {some(flying, '; ')}.")
    return "\n".join(lines)


def _table(state: State) -> list[dict]:
    rows = []
    for member in state.members.values():
        peers = [b if a == member.name else a for a, b in state.links if member.name in (a, b)]
        cut = [p for p in peers if (member.name, p) in state.cuts]
        rows.append({"node": member.name, "state": member.state, "role": member.role, "holds": _held(member),
                     "linked to": ", ".join(peers), "cannot send to": ", ".join(cut)})
    flying = [m for m, _ in state.flying]
    return rows + [{"node": "on its way", "holds": body(m), "linked to": f"{m.source} to {m.target}"} for m in flying]
