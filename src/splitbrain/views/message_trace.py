"""The way of one business process through several services: each message where it was handled, and what caused it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from splitbrain.views import style
from splitbrain.views.canvas import Canvas, legend, legend_lines, plain_settings
from splitbrain.views.picture import Picture

_LANE, _STEP, _TOP, _BOX = 176, 46, 76, 26


class Look(NamedTuple):
    """How a kind of message is drawn, and what it is."""

    colour: str
    tint: str
    dash: tuple | None
    meaning: str


LOOKS = {
    "command": Look(style.BLUE, style.TINTS["blue"], None, "command: do this"),
    "reply": Look(style.SOFT, style.PAPER, (6, 4), "reply: this became of it"),
    "event": Look(style.GREEN, style.TINTS["green"], (2, 3.5), "event: this has happened"),
}
_OTHER = Look(style.INK, style.PAPER, None, "message")


def message_trace(rows: Sequence[Mapping[str, Any]], *, title: str = "") -> Picture:
    """Draw messages in the lanes of those who handled them, an arrow from each cause to its effect.

    Parameters
    ----------
    rows : sequence of mappings
        A row a delivery: ``id``, ``cause`` (the id of the message that led to it, or ""), ``name``, ``sender``,
        ``receiver`` and, if known, ``kind``: ``"command"``, ``"reply"`` or ``"event"``. An event that several heard
        has a row for each.
    title : str
        Above the picture.

    Returns
    -------
    Picture

    Raises
    ------
    ValueError
        There are no rows, or the causes run in a circle.

    Examples
    --------
    >>> message_trace([{"id": "a", "cause": "", "name": "start", "sender": "customer", "receiver": "order"},
    ...                {"id": "b", "cause": "a", "name": "reserve", "sender": "order", "receiver": "stock"}])
    Message trace. 2 messages; lanes: customer, order, stock.
    1. customer to order: start.
    2. order to stock: reserve, because of 1.
    """
    if not rows:
        raise ValueError("there is nothing to draw: no message was handled")
    graph, numbers = _graph(rows), _numbers(rows)
    lanes = list(dict.fromkeys([row["sender"] for row in rows if not row["cause"]]
                               + [row["receiver"] for row in rows]))
    with plain_settings():
        figure = _draw(graph, numbers, lanes, title)
    return Picture.from_figure(figure, _alt(rows, numbers, lanes, title), _table(rows, numbers))


def _graph(rows: Sequence[Mapping[str, Any]]):
    """A node for each delivery, (id, receiver); an edge from what its sender was handling when it sent it."""
    import networkx as nx

    graph = nx.DiGraph()
    for row in rows:
        graph.add_node((row["id"], row["receiver"]), row=row)
    for row in rows:
        cause = (row["cause"], row["sender"])
        if cause in graph:
            graph.add_edge(cause, (row["id"], row["receiver"]))
    if not nx.is_directed_acyclic_graph(graph):
        raise ValueError("the causes run in a circle: a message cannot have led to itself")
    return graph


def _numbers(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Messages are numbered so that a cause comes before its effects; those that were sent first, first."""
    import networkx as nx

    messages = nx.DiGraph()
    messages.add_nodes_from(dict.fromkeys(row["id"] for row in rows))
    messages.add_edges_from((row["cause"], row["id"]) for row in rows if row["cause"] in messages)
    first = {message: n for n, message in enumerate(messages)}
    if not nx.is_directed_acyclic_graph(messages):
        raise ValueError("the causes run in a circle: a message cannot have led to itself")
    return {message: n for n, message in enumerate(nx.lexicographical_topological_sort(messages, key=first.get), 1)}


def _draw(graph, numbers: dict[str, int], lanes: list[str], title: str):
    kinds = {data["row"].get("kind", "") for _, data in graph.nodes(data=True)}
    entries = [(_sign(look), look.meaning) for kind, look in [*LOOKS.items(), ("", _OTHER)] if kind in kinds]
    width, bottom = 40 + _LANE * len(lanes), _TOP + _STEP * len(numbers) + (30 if title else 0)
    top = _TOP + (30 if title else 0)
    lines = legend_lines(width, 20, [words for _, words in entries])
    canvas = Canvas(width, bottom + 24 + 19.25 * lines)
    if title:
        canvas.text(20, 26, title, size=14, weight="bold")
    places = {}
    for message, receiver in graph:
        places[message, receiver] = (20 + _LANE * (lanes.index(receiver) + 0.5), top + _STEP * (numbers[message] - 0.5))
    for lane, name in enumerate(lanes):
        x = 20 + _LANE * (lane + 0.5)
        canvas.text(x, top - 26, name, weight="bold", align="center")
        canvas.line([(x, top - 12), (x, bottom)], colour=style.FRAME, width=1.4)
    for node, data in graph.nodes(data=True):
        _draw_arrow(canvas, graph, node, data["row"], places, lanes, top)
    for node, data in graph.nodes(data=True):
        _draw_box(canvas, data["row"], places[node], numbers[node[0]])
    legend(canvas, 20, bottom + 20, entries)
    return canvas.figure


def _draw_arrow(canvas: Canvas, graph, node, row, places, lanes: list[str], top: float) -> None:
    look = LOOKS.get(row.get("kind", ""), _OTHER)
    x, y = places[node]
    causes = list(graph.predecessors(node))
    if causes:
        x0, y0 = places[causes[0]]
        start = (x0 + (0 if x0 == x else 24 if x > x0 else -24), y0 + _BOX / 2)
    elif row["sender"] in lanes:
        start = (20 + _LANE * (lanes.index(row["sender"]) + 0.5), y)
    else:
        return
    if start[0] == x:
        end = (x, y - _BOX / 2)
    elif abs(start[1] - y) < 1:
        end = (x - (_LANE / 2 - 14) * (1 if x > start[0] else -1), y)
    else:
        end = (x + (30 if start[0] > x else -30), y - _BOX / 2)
    canvas.arrow(start, end, colour=look.colour, width=1.8, dash=look.dash, head=9, name=f"message-{row['id']}")


def _draw_box(canvas: Canvas, row, place: tuple[float, float], number: int) -> None:
    look, (x, y) = LOOKS.get(row.get("kind", ""), _OTHER), place
    wide = _LANE - 28
    canvas.box(x - wide / 2, y - _BOX / 2, wide, _BOX, fill=look.tint, edge=look.colour, line=1.5, radius=6, z=4)
    canvas.text(x, y, style.fit(f"{number}  {row['name']}", wide - 8, 11), size=11, align="center")


def _sign(look: Look):
    return lambda c, x, y: c.arrow((x - 12, y), (x + 11, y), colour=look.colour, width=1.8, dash=look.dash, head=8)


def _alt(rows, numbers: dict[str, int], lanes: list[str], title: str) -> str:
    lines = [f"Message trace{': ' + title if title else ''}. {len(numbers)} messages; lanes: {', '.join(lanes)}."]
    for message, number in numbers.items():
        told = [row for row in rows if row["id"] == message]
        row = told[0]
        kind = f" ({row['kind']})" if row.get("kind") else ""
        because = f", because of {numbers[row['cause']]}" if row["cause"] in numbers else ""
        to = " and ".join(dict.fromkeys(one["receiver"] for one in told))
        lines.append(f"{number}. {row['sender']} to {to}: {row['name']}{kind}{because}.")
    return "\n".join(lines)


def _table(rows, numbers: dict[str, int]) -> list[dict]:
    return [{"number": str(numbers[row["id"]]), "message": row["name"], "kind": row.get("kind", ""),
             "from": row["sender"], "handled by": row["receiver"], "because of": str(numbers.get(row["cause"], ""))}
            for row in sorted(rows, key=lambda row: numbers[row["id"]])]
