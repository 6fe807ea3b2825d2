"""A hash ring beside plain modulo: who has which key, and which keys move when a node comes or goes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import cos, pi, sin

from splitbrain.protocols.sharding import CIRCLE, Modulo, Ring, position
from splitbrain.views import Picture, style
from splitbrain.views.canvas import Canvas, legend, plain_settings
from splitbrain.widgets.explorer import Explorer, number, one_of

JOINS, LEAVES = "a node joins", "the last node leaves"
KEYS = 4000
_KEYS = [f"key-{i}" for i in range(KEYS)]
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


@dataclass(frozen=True)
class Change:
    """A placement before and after a node came or went, and where it puts each key."""

    name: str
    before: Ring | Modulo
    after: Ring | Modulo
    owners: list[tuple[str, str]]  # of each key, before and after

    @classmethod
    def of(cls, name: str, before: Ring | Modulo, change: str, node: str) -> Change:
        """The node joins or leaves."""
        after = before.joined(node) if change == JOINS else before.left(node)
        return cls(name, before, after, [(before.owner(key), after.owner(key)) for key in _KEYS])

    @property
    def nodes(self) -> list[str]:
        """Before and after."""
        return list(dict.fromkeys([*self.before.nodes, *self.after.nodes]))

    def moved(self) -> float:
        """Share of the keys."""
        return sum(old != new for old, new in self.owners) / KEYS

    def fullest(self) -> float:
        """The fullest node afterwards, in units of the mean."""
        count = Counter(new for _, new in self.owners)
        return max(count.values()) * len(self.after.nodes) / KEYS


def ring_picture(nodes: int = 5, change: str = JOINS, tokens: int = 4) -> Picture:
    """Where 4,000 keys are, before and after, under both; see `RingExplorer`."""
    names = [f"n{i}" for i in range(1, nodes + 1)]
    node = f"n{nodes + 1}" if change == JOINS else names[-1]
    ring = Change.of("ring", Ring(names, tokens), change, node)
    modulo = Change.of("modulo", Modulo(names), change, node)
    with plain_settings():
        canvas = Canvas(860, 420 + 19 * len(ring.nodes))
        for left, one, title in ((20, ring, f"Ring, {_tokens(tokens)} a node"), (440, modulo, "Hash modulo N")):
            canvas.text(left, 28, f"{title}: {one.moved():.1%} of the keys move", weight="bold")
            _draw_circle(canvas, left + 190, 190, one, node)
            _draw_loads(canvas, left, 375, one)
        signs = [(_dot, "a key that stays"), (_diamond, "a key that moves"),
                 (_arc_sign, f"what belongs to {node} {'afterwards' if change == JOINS else 'before'}"),
                 (_bar_sign(None), "keys before"), (_bar_sign(style.TINTS["blue"]), "keys afterwards")]
        legend(canvas, 20, canvas.height - 18, signs)
    caption = (f"{_DRAWN} of {KEYS:,} keys are drawn, each where its hash is; all are counted. A number outside of the "
               "ring is the node that a token belongs to.")
    return Picture.from_figure(canvas.figure, _alt(ring, modulo, change), _table(ring, modulo), caption)


def _tokens(count: int) -> str:
    return "1 token" if count == 1 else f"{count} tokens"


def _at(x: float, y: float, radius: float, place: int) -> tuple[float, float]:
    """From the top, clockwise."""
    angle = 2 * pi * place / CIRCLE
    return x + radius * sin(angle), y - radius * cos(angle)


def _draw_circle(canvas: Canvas, x: float, y: float, one: Change, node: str) -> None:
    canvas.circle(x, y, _RADIUS, fill=None, edge=style.RULE, line=1.5)
    joins = node in one.after.nodes
    holder = one.after if joins else one.before
    if isinstance(holder, Ring):
        _draw_tokens(canvas, x, y, holder, node)
    for key, (old, new) in zip(_KEYS[:_DRAWN], one.owners, strict=False):
        (_dot if old == new else _diamond)(canvas, *_at(x, y, _RADIUS - 16, position(key)))
    canvas.text(x, y - 8, f"{len(one.before.nodes)} → {len(one.after.nodes)} nodes", align="center")
    canvas.text(x, y + 10, f"+ {node}" if joins else f"− {node}", align="center", weight="bold")


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


def _draw_loads(canvas: Canvas, left: float, top: float, one: Change) -> None:
    old, new = (Counter(owners) for owners in zip(*one.owners, strict=True))
    longest = max(*old.values(), *new.values())
    for i, node in enumerate(one.nodes):
        y = top + 19 * i
        canvas.text(left + 26, y, node, size=11, align="right")
        canvas.box(left + 34, y - 6, 280 * new[node] / longest, 12, fill=style.TINTS["blue"], edge=None)
        canvas.box(left + 34, y - 6, 280 * old[node] / longest, 12, edge=style.INK)
        canvas.text(left + 322, y, f"{old[node]} → {new[node]}", size=11)


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


def _alt(ring: Change, modulo: Change, change: str) -> str:
    count = len(ring.before.nodes)
    said, even = (f"A node joins {count}", count + 1) if change == JOINS else (f"One of {count} nodes leaves", count)
    return (f"{said}: the ring moves {ring.moved():.1%} of the keys, modulo {modulo.moved():.1%}. "
            f"A node's even share is {1 / even:.1%}.\n"
            f"Afterwards the fullest node has {ring.fullest():.2f} times the mean on the ring, {modulo.fullest():.2f} "
            f"times with modulo. Ring: {_tokens(ring.before.tokens)} a node.")


def _table(*changes: Change) -> list[dict]:
    rows = []
    for one in changes:
        old, new = (Counter(owners) for owners in zip(*one.owners, strict=True))
        came = Counter(after for before, after in one.owners if before != after)
        went = Counter(before for before, after in one.owners if before != after)
        rows += [{"placement": one.name, "node": node, "keys before": old[node], "keys afterwards": new[node],
                  "came": came[node], "went": went[node]} for node in one.nodes]
    return rows
