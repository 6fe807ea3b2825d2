"""A hash ring beside plain modulo: who has which key, and which keys move when a node comes or goes."""

from __future__ import annotations

from math import cos, pi, sin

from splitbrain.protocols.sharding import CIRCLE, Modulo, Ring, loads, moved, position
from splitbrain.views import Picture, style
from splitbrain.views.canvas import Canvas, legend, plain_settings
from splitbrain.widgets.explorer import Explorer, number, one_of

JOINS, LEAVES = "a node joins", "the last node leaves"
KEYS = 4000
_DRAWN = 80  # keys that are drawn; all are counted
_RADIUS = 118
_NAMED = 100  # tokens; more are no longer drawn one by one


class RingExplorer(Explorer):
    """Consistent hashing with virtual nodes, against modulo.

    Attributes
    ----------
    nodes : int
        Nodes before the change.
    change : "a node joins" or "the last node leaves"
    tokens : int
        Tokens a node on the ring ("virtual nodes").

    Examples
    --------
    >>> print(RingExplorer(nodes=5, tokens=64).picture.alt.splitlines()[0])
    A node joins 5: the ring moves 14.1% of the keys, modulo 83.0%. A node's even share is 16.7%.
    """

    title = "A hash ring and modulo"
    nodes = number(5, "Nodes", 2, 10)
    change = one_of(JOINS, "Then", [JOINS, LEAVES])
    tokens = one_of(4, "Tokens a node", [1, 2, 4, 8, 16, 32, 64, 128], slider=True)

    def draw(self) -> Picture:
        return ring_picture(**self.settings)


def ring_picture(nodes: int = 5, change: str = JOINS, tokens: int = 4) -> Picture:
    """Where 4,000 keys are, before and after, under both; see `RingExplorer`."""
    names = [f"n{i}" for i in range(1, nodes + 1)]
    keys = [f"key-{i}" for i in range(KEYS)]
    changed = f"n{nodes + 1}" if change == JOINS else names[-1]
    pairs = []
    for before in (Ring(names, tokens), Modulo(names)):
        pairs.append((before, before.joined(changed) if change == JOINS else before.left(changed)))
    with plain_settings():
        canvas = Canvas(860, 420 + 19 * (nodes + (change == JOINS)))
        for (before, after), left, title in zip(pairs, (20, 440), (f"Ring, {_tokens(tokens)} a node", "Hash modulo N"),
                                                strict=True):
            _draw_circle(canvas, left + 190, 190, before, after, changed, keys)
            _draw_loads(canvas, left, 375, before, after, keys)
            share = len(moved(before, after, keys)) / KEYS
            canvas.text(left, 28, f"{title}: {share:.1%} of the keys move", weight="bold")
        signs = [(_dot, "a key that stays"), (_diamond, "a key that moves"),
                 (_arc_sign, f"what belongs to {changed} {'afterwards' if change == JOINS else 'before'}"),
                 (_bar_sign(None), "keys before"), (_bar_sign(style.TINTS["blue"]), "keys afterwards")]
        legend(canvas, 20, canvas.height - 18, signs)
    caption = (f"{_DRAWN} of {KEYS:,} keys are drawn, each where its hash is; all are counted. A number outside of the "
               "ring is the node that a token belongs to.")
    return Picture.from_figure(canvas.figure, _alt(pairs, names, change, keys), _table(pairs, changed, keys), caption)


def _tokens(count: int) -> str:
    return "1 token" if count == 1 else f"{count} tokens"


def _at(x: float, y: float, radius: float, place: int) -> tuple[float, float]:
    """From the top, clockwise."""
    angle = 2 * pi * place / CIRCLE
    return x + radius * sin(angle), y - radius * cos(angle)


def _draw_circle(canvas: Canvas, x: float, y: float, before: Ring | Modulo, after: Ring | Modulo, changed: str,
                 keys: list[str]) -> None:
    canvas.circle(x, y, _RADIUS, fill=None, edge=style.RULE, line=1.5)
    holder = after if changed in after.nodes else before
    if isinstance(holder, Ring):
        _draw_tokens(canvas, x, y, holder, changed)
    for key in keys[:_DRAWN]:
        goes = before.owner(key) != after.owner(key)
        (_diamond if goes else _dot)(canvas, *_at(x, y, _RADIUS - 16, position(key)))
    canvas.text(x, y - 8, f"{len(before.nodes)} → {len(after.nodes)} nodes", align="center")
    canvas.text(x, y + 10, f"+ {changed}" if changed in after.nodes else f"− {changed}", align="center", weight="bold")


def _draw_tokens(canvas: Canvas, x: float, y: float, ring: Ring, changed: str) -> None:
    """The arcs of the node that comes or goes; every token, and as many of their names as have room."""
    around = 2 * pi * _RADIUS
    for after, until, node in ring.arcs():
        if node == changed:
            length = (until - after) % CIRCLE
            parts = max(1, round(around * length / CIRCLE / 6))
            places = [(after + length * i // parts) % CIRCLE for i in range(parts + 1)]
            canvas.line([_at(x, y, _RADIUS, place) for place in places], colour=style.VERMILLION, width=6, z=3)
    taken: list[float] = []
    for place, node in ring.circle if len(ring.circle) <= _NAMED else ():
        canvas.line([_at(x, y, _RADIUS - 5, place), _at(x, y, _RADIUS + 5, place)], colour=style.INK, width=1.2, z=4)
        turn = place / CIRCLE * around
        if all(min(abs(turn - other), around - abs(turn - other)) > 15 for other in taken):
            canvas.text(*_at(x, y, _RADIUS + 17, place), node[1:], size=10, align="center",
                        weight="bold" if node == changed else "normal")
            taken.append(turn)


def _draw_loads(canvas: Canvas, left: float, top: float, before: Ring | Modulo, after: Ring | Modulo,
                keys: list[str]) -> None:
    old, new = loads(before, keys), loads(after, keys)
    longest = max(*old.values(), *new.values())
    for i, node in enumerate(dict.fromkeys([*before.nodes, *after.nodes])):
        y = top + 19 * i
        canvas.text(left + 26, y, node, size=11, align="right")
        canvas.box(left + 34, y - 6, 280 * new.get(node, 0) / longest, 12, fill=style.TINTS["blue"], edge=None)
        canvas.box(left + 34, y - 6, 280 * old.get(node, 0) / longest, 12, edge=style.INK)
        canvas.text(left + 322, y, f"{old.get(node, 0)} → {new.get(node, 0)}", size=11)


def _dot(canvas: Canvas, x: float, y: float) -> None:
    canvas.circle(x, y, 3.2, fill=style.PAPER, edge=style.SOFT)


def _diamond(canvas: Canvas, x: float, y: float) -> None:
    corners = [(x, y - 5), (x + 5, y), (x, y + 5), (x - 5, y)]
    canvas.polygon(corners, fill=style.VERMILLION, edge=style.INK, width=0.8, z=5)


def _arc_sign(canvas: Canvas, x: float, y: float) -> None:
    canvas.line([(x - 9, y), (x + 9, y)], colour=style.VERMILLION, width=6)


def _bar_sign(fill: str | None):
    def draw(canvas: Canvas, x: float, y: float) -> None:
        canvas.box(x - 9, y - 5, 18, 10, fill=fill, edge=None if fill else style.INK)

    return draw


def _uneven(placement: Ring | Modulo, keys: list[str]) -> float:
    """The fullest node, in units of the mean."""
    count = loads(placement, keys)
    return max(count.values()) * len(count) / KEYS


def _alt(pairs: list, names: list[str], change: str, keys: list[str]) -> str:
    shares = [len(moved(before, after, keys)) / KEYS for before, after in pairs]
    even = 1 / (len(names) + 1) if change == JOINS else 1 / len(names)
    (_, ring), (_, modulo) = pairs
    said = f"A node joins {len(names)}" if change == JOINS else f"One of {len(names)} nodes leaves"
    return (f"{said}: the ring moves {shares[0]:.1%} of the keys, modulo {shares[1]:.1%}. "
            f"A node's even share is {even:.1%}.\n"
            f"Afterwards the fullest node has {_uneven(ring, keys):.2f} times the mean on the ring, "
            f"{_uneven(modulo, keys):.2f} times with modulo. Ring: {_tokens(ring.tokens)} a node.")


def _table(pairs: list, changed: str, keys: list[str]) -> list[dict]:
    rows = []
    for name, (before, after) in zip(("ring", "modulo"), pairs, strict=True):
        old, new = loads(before, keys), loads(after, keys)
        gone = moved(before, after, keys)
        rows += [{"placement": name, "node": node, "keys before": old.get(node, 0), "keys afterwards": new.get(node, 0),
                  "came": sum(after.owner(key) == node for key in gone),
                  "went": sum(before.owner(key) == node for key in gone)}
                 for node in dict.fromkeys([*before.nodes, *after.nodes])]
    return rows
