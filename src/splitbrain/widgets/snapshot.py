"""What the panel shows of a cluster, as plain data: the page draws this and knows nothing else.

The same cluster gives the same snapshot. Its size depends on the number of nodes and links, not on how long the
run has been.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from splitbrain.widgets.deeds import Deed
from splitbrain.widgets.follow import Follower, short, time
from splitbrain.widgets.layout import Layout

_GAP_MS = 4.0
"""An idle stretch longer than this is played as if it had been this long."""
_READ_OUT = 5
"""As many rows of a node's database are in what a screen reader says of it."""
_PLAY_MS = 160
"""Real milliseconds a virtual one takes on the screen, within bounds."""


def snapshot(cluster, layout: Layout, follower: Follower, verdict: Callable[[Any], Any], variable: str) -> dict:
    """All that is to be drawn.

    Parameters
    ----------
    cluster : Cluster
    layout : Layout
    follower : Follower
        It has read the journal up to now.
    verdict : callable
        ``verdict(cluster)`` gives the line at the top: a text, a `Verdict`, or ``(text, agrees)``.
    variable : str
        What the cluster is called in code.

    Returns
    -------
    dict
        Only strings, numbers, booleans, None, lists and dicts.
    """
    held = {name: values(cluster, name) for name in cluster.names}
    differing = _differing(cluster, held)
    return {
        "time": cluster.now,
        "clock": time(cluster.now),
        "nodes": [_with_code(_node(cluster, layout, follower, name, held[name], differing), variable, name)
                  for name in cluster.names],
        "links": [_with_code(_link(cluster, layout, a, b), variable, a, b) for a, b in cluster.links],
        "verdict": _verdict(verdict, cluster),
        "journeys": [j for j in (_journey(layout, follower.homes, j) for j in follower.journeys) if j],
        "changes": [[at, node, rows(held, layout, ())[0]] for at, node, held in follower.changes[-50:]],
        "film": _film(follower),
        "log": [list(line) for line in follower.lines],
    }


def _with_code(drawn: dict, variable: str, *names: str) -> dict:
    method = {"join": "heal"}.get(drawn["action"], drawn["action"])
    return drawn | {"code": Deed(method, names).code(variable)}


def values(cluster, name: str) -> Mapping[Any, Any]:
    """What a node's database shows; a `values` method of a learner's that raises shows why.

    A crashed node cannot be asked: what it holds is on its disk, and shows when it is back.
    """
    if cluster.state(name) == "crashed":
        return {}
    try:
        held = cluster.values(name)
        return held if isinstance(held, Mapping) else {"holds": held}
    except Exception as error:
        return {"raises": type(error).__name__}


def rows(held: Mapping, layout: Layout, differing, taken: int = 0) -> tuple[list, int]:
    """``[key, value, differs]`` of as many rows as there is room for, and how many more there are.

    `taken` lines of the node are in use already.
    """
    lines = layout.lines - taken
    shown = len(held) if len(held) <= lines else lines - 1
    return [_row(k, v, k in differing, layout.letters) for k, v in list(held.items())[:shown]], len(held) - shown


def _row(key: Any, value: Any, differs: bool, letters: int) -> list:
    key = short(key, letters // 2)
    return [key, short(value, letters - len(key) - (3 if differs else 1)), differs]


def copies(cluster) -> tuple[str, bool | None]:
    """Whether the running nodes' databases hold the same, in a sentence, and as True, False or None (empty).

    This is what the copies hold, which is not yet what clients were told: that is for a checker.
    """
    held = {name: cluster.values(name) for name in cluster.names if cluster.state(name) != "crashed"}
    differing = _differing(cluster, held)
    if not differing:
        shown = next((h for h in held.values() if h), None)
        if shown is None:
            return "The databases are empty.", None
        return f"Every copy has {', '.join(f'{short(k)} = {short(v)}' for k, v in list(shown.items())[:3])}.", True
    key = differing[0]
    sides: dict[str, list[str]] = {}
    for name, h in held.items():
        sides.setdefault(f"{short(key)} = {short(h[key])}" if key in h else f"no {short(key)}", []).append(name)
    sentences = [f"{_several(names)} {'have' if len(names) > 1 else 'has'} {what}" for what, names in sides.items()]
    return f"The copies differ: {', '.join(sentences)}.", False


def _several(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _differing(cluster, held: Mapping[str, Mapping]) -> list:
    """Keys of which the running nodes do not hold the same."""
    running = [h for name, h in held.items() if cluster.state(name) != "crashed"]
    keys = dict.fromkeys(key for h in running for key in h)
    nothing = object()
    return [k for k in keys if any(h.get(k, nothing) != running[0].get(k, nothing) for h in running)]


_SIGNS = {"ok": True, "violated": False, "unknown": None}


def _verdict(verdict: Callable[[Any], Any], cluster) -> dict:
    try:
        said = verdict(cluster)
    except Exception as error:
        said = f"no verdict: {type(error).__name__}: {error}", None
    if hasattr(said, "explanation"):
        said = f"{said.status}: {said.explanation}", _SIGNS[said.status]
    text, agrees = said if isinstance(said, tuple) else (said, None)
    return {"text": str(text or ""), "agrees": agrees}


_NODE_ACTIONS = {"up": "crash", "crashed": "restart", "paused": "resume"}


def _node(cluster, layout: Layout, follower: Follower, name: str, held: Mapping, differing: list) -> dict:
    state = cluster.state(name)
    role = "" if state == "crashed" else str(getattr(cluster[name], "role", "") or "")
    x, y = layout.centres[name]
    client_x, client_y = layout.client(name)
    shown, more = rows(held, layout, differing, taken=1 if role else 0)
    holds = ", ".join(f"{short(k, 40)} = {short(v, 40)}" for k, v in list(held.items())[:_READ_OUT]) or "nothing"
    holds = "its database stays on disk" if state == "crashed" else f"holds {holds}"
    title = f"node {name}{', ' + role if role else ''}, {state}, {holds}"
    return {
        "name": name, "x": x, "y": y, "state": state, "role": role, "rows": shown,
        "more": more, "action": _NODE_ACTIONS[state],
        "label": f"{title}: press Enter to {_NODE_ACTIONS[state]} it",
        "answer": follower.answers.get(name), "client_x": client_x, "client_y": client_y,
    }


def _link(cluster, layout: Layout, a: str, b: str) -> dict:
    there, back = cluster.is_cut(a, b), cluster.is_cut(b, a)
    cut = {(False, False): "none", (True, True): "both", (True, False): "there", (False, True): "back"}[there, back]
    state = {"none": "up", "both": "cut", "there": f"cut from {a} to {b}", "back": f"cut from {b} to {a}"}[cut]
    action = "cut" if cut == "none" else "join"
    verb = "cut" if action == "cut" else "heal"
    x1, y1, x2, y2 = layout.between(a, b)
    return {
        "a": a, "b": b, "x1": x1, "y1": y1, "x2": x2, "y2": y2, "cut": cut, "action": action,
        "word": {"none": "", "both": "", "there": f"{a} → {b} cut", "back": f"{b} → {a} cut"}[cut],
        "label": f"link {a} to {b}, {state}: press Enter to {verb} it",
    }


def _journey(layout: Layout, homes: Mapping[str, str], journey: dict) -> dict | None:
    message = journey["message"]
    source, target = message.source, message.target
    text = ""  # what a client asks stands beside it already
    if source in layout.centres and target in layout.centres:
        line = layout.between(source, target)
        text = short(str(message), 26)
    elif homes.get(source) == target:
        line = layout.call(target)
    elif homes.get(target) == source:
        x1, y1, x2, y2 = layout.call(source)
        line = x2, y2, x1, y1
    else:
        return None
    return {"id": message.id, "kind": message.kind, "text": text, "line": list(line),
            "sent": journey["sent"], "ends": journey["ends"], "lost": journey["lost"], "flying": journey["flying"]}


def _film(follower: Follower) -> dict:
    """How to play the last stretch: ``clock`` pairs a share of the playing time with a virtual time.

    Idle time is played short, so that a timeout of a second does not hide the milliseconds that matter.
    """
    start, end = follower.stretch
    moments = [start, *(m for m in follower.moments if start < m < end), end]
    played = [0.0]
    for earlier, later in zip(moments, moments[1:], strict=False):
        played.append(played[-1] + min(later - earlier, _GAP_MS))
    total = played[-1]
    if not total or not follower.journeys:
        return {"ms": 0, "clock": []}
    step = max(len(moments) // 100, 1)
    kept = [*range(0, len(moments) - 1, step), len(moments) - 1]
    return {"ms": round(min(max(total * _PLAY_MS, 500), 2400)),
            "clock": [[round(played[i] / total, 4), moments[i]] for i in kept]}
