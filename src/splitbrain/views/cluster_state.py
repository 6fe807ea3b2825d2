"""What a topology shows: a cluster read once, and where its nodes stand."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from splitbrain.records import Message
from splitbrain.views.sources import say

RADIUS = 27
REGION = 48  # radius of the soft shape round a node that is cut off alone
_LINES = 4  # of values beside a node


@dataclass(frozen=True)
class Member:
    """A node: ``up``, ``crashed`` or ``paused``, and what it showed last."""

    name: str
    state: str
    role: str
    values: dict


@dataclass
class State:
    """A cluster, read once."""

    members: dict[str, Member]
    links: list[tuple[str, str]]
    cuts: set[tuple[str, str]]  # directions
    groups: list[list[str]]
    flying: list[tuple[Message, float]]  # with the share of its way that lies behind it
    now: float | None
    place: dict[str, tuple[float, float]] = field(default_factory=dict)
    side: dict[str, str] = field(default_factory=dict)  # of a node, where its words stand


def read(source: Any) -> State:
    """Everything that is drawn, from a cluster or a run."""
    source = source if hasattr(source, "is_cut") else getattr(source, "cluster", source)
    missing = [name for name in ("names", "links", "is_cut", "state", "values") if not hasattr(source, name)]
    if missing:
        raise TypeError(f"a topology needs a cluster or a run; {type(source).__name__} has no {', '.join(missing)}")
    members = {}
    for name in source.names:
        state = source.state(name)
        role = "" if state == "crashed" else getattr(source[name], "role", "") or ""
        values = source.values(name)
        members[name] = Member(name, state, str(role), values if isinstance(values, dict) else {"value": values})
    links = [tuple(link) for link in source.links]
    cuts = {(a, b) for x, y in links for a, b in ((x, y), (y, x)) if source.is_cut(a, b)}
    now = getattr(source, "now", None)
    flying = [(m, _share(now, sent, arrives)) for m, sent, arrives in getattr(source, "in_flight", list)()
              if m.source in members and m.target in members]
    return State(members, links, cuts, _groups(list(members), links, cuts), flying, now)


def _share(now: float, sent: float, arrives: float) -> float:
    return min(max((now - sent) / (arrives - sent), 0.0), 1.0) if arrives > sent else 0.5


def _groups(names: list[str], links, cuts) -> list[list[str]]:
    """Nodes between which messages still pass, be it one way or through others; empty unless cuts part them."""
    import networkx

    graph = networkx.Graph()
    graph.add_nodes_from(names)
    graph.add_edges_from(links)
    whole = networkx.number_connected_components(graph) if names else 0
    graph.remove_edges_from([(a, b) for a, b in links if (a, b) in cuts and (b, a) in cuts])
    parts = [sorted(part, key=names.index) for part in networkx.connected_components(graph)]
    return sorted(parts, key=lambda part: names.index(part[0])) if len(parts) > whole else []


def set_out(state: State, width: float) -> float:
    """Place every node; returns the height that they take with the words beside them."""
    import networkx

    names = _order(state)
    graph = networkx.Graph(state.links)
    graph.add_nodes_from(names)
    hubs = [n for n in names if graph.degree(n) == len(names) - 1 > 2 and graph.number_of_edges() == len(names) - 1]
    if len(names) > 12 and not hubs:
        ordered = networkx.Graph()
        ordered.add_nodes_from(names)
        ordered.add_edges_from(sorted(tuple(sorted(e)) for e in state.links))
        where = networkx.spring_layout(ordered, seed=7, iterations=200, k=2.2 / math.sqrt(len(names)))
        x_room, y_room = width / 2 - 110, width * 0.36
    else:
        rim = [n for n in names if n not in hubs]
        turn = 2 * math.pi / max(len(rim), 1)
        start = math.pi if len(rim) == 2 else -math.pi / 2 - (turn / 2 if len(rim) == 4 else 0)
        where = {n: (math.cos(start + turn * i), math.sin(start + turn * i)) for i, n in enumerate(rim)}
        where |= dict.fromkeys(hubs, (0, 0))
        if len(rim) == 1:
            where[rim[0]] = (0, 0)
        x_room = min(width / 2 - 130, 70 + 22 * len(rim))
        y_room = 0 if len(rim) < 3 else min(70 + 16 * len(rim), 200)
    state.side = {n: _side(place, len(names) > 12 and not hubs) for n, place in where.items()}
    top = max([-y * y_room for _, y in where.values()] + [0])
    bottom = max([y * y_room for _, y in where.values()] + [0])
    above = max([card_height(state.members[n]) for n in names if state.side[n] == "above"] + [0])
    below = max([card_height(state.members[n]) for n in names if state.side[n] == "below"] + [0])
    around = max(REGION if state.groups else RADIUS, max(map(card_height, state.members.values())) / 2)
    centre = 20 + above + around + top
    state.place = {n: (round(width / 2 + x * x_room), round(centre + y * y_room)) for n, (x, y) in where.items()}
    return centre + bottom + around + below + 12


def _side(place: tuple[float, float], crowded: bool) -> str:
    """Outwards, where no link is; in a crowd, below."""
    x, y = place
    if abs(x) > 0.3 and not crowded:
        return "left" if x < 0 else "right"
    return "above" if y < -0.3 and not crowded else "below"


def _order(state: State) -> list[str]:
    """As the cluster names them, unless regions would cross on the circle: then by group."""
    names = list(state.members)
    group = {n: i for i, part in enumerate(state.groups) for n in part}
    changes = sum(group.get(a) != group.get(b) for a, b in zip(names, names[1:] + names[:1], strict=True))
    return [n for part in state.groups for n in part] if changes > max(len(state.groups), 2) else names


def card(member: Member) -> list[str]:
    """Role and values, a few lines."""
    lines = [f"{say(k)} = {say(v)}" for k, v in member.values.items()]
    more = [f"and {len(lines) - _LINES + 1} more"] if len(lines) > _LINES else []
    return ([member.role] if member.role else []) + (lines[: _LINES - 1] + more if more else lines)


def card_height(member: Member) -> float:
    """Pixels."""
    return 16 * len(card(member)) + 8 if card(member) else 0
