"""What the panel shows of a cluster now, as plain data. Its size depends on the number of nodes and links, not on how
long the run has been; what was before is in the page's reel (`splitbrain.widgets.reel`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from splitbrain.widgets.drawn import compared, draw_link, draw_node
from splitbrain.widgets.follow import short, time
from splitbrain.widgets.layout import Layout
from splitbrain.widgets.moment import Moment, Seen

FLYING = 60
"""As many messages on their way are drawn."""


def now(cluster, then: Moment) -> Moment:
    """The cluster as it is, asked itself; `then` is what its journal says, if it keeps one."""
    kept = cluster.network.raw is not None
    nodes = {name: _seen(cluster, then.nodes[name], name) for name in cluster.names}
    if kept:
        return replace(then, nodes=nodes, time=cluster.now)
    severed = {way for a, b in cluster.links for way in ((a, b), (b, a)) if cluster.is_cut(*way)}
    return replace(then, nodes=nodes, time=cluster.now, severed=severed)


def _seen(cluster, before: Seen, name: str) -> Seen:
    state = cluster.state(name)
    role = "" if state == "crashed" else str(getattr(cluster[name], "role", "") or "")
    return replace(before, state=state, role=role, values=values(cluster, name))


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


def snapshot(cluster, layout: Layout, then: Moment, said: dict, *, compare: bool = True) -> dict:
    """All that is to be drawn of the present.

    Parameters
    ----------
    cluster : Cluster
    layout : Layout
    then : Moment
        What the journal says up to now.
    said : dict
        The line at the top, as `judged` gives it.
    compare : bool
        Whether rows on which the databases differ are marked.

    Returns
    -------
    dict
        Only strings, numbers, booleans, None, lists and dicts.
    """
    moment = now(cluster, then)
    return {
        "time": cluster.now, "clock": time(cluster.now), "position": len(cluster.journal), "quiet": cluster.is_quiet(),
        "nodes": [draw_node(layout, moment, name, copies=compare) | {"answer": then.answers.get(name)}
                  for name in cluster.names],
        "links": [draw_link(moment, a, b) for a, b in cluster.links],
        "groups": [list(group) for group in moment.groups],
        "verdict": said,
        "flying": _flying(cluster),
    }


def _flying(cluster) -> list[dict]:
    """Messages on their way; the last ones wait at a node that is paused, and have no time of arrival."""
    under_way = [(m, sent, arrives) for m, sent, arrives in cluster.in_flight()]
    under_way += [(m, cluster.now, None) for m in cluster.network.waiting()]
    return [{"id": m.id, "kind": m.kind, "source": m.source, "target": m.target, "text": short(str(m), 26),
             "operation": m.operation, "sent": sent, "arrives": arrives} for m, sent, arrives in under_way[:FLYING]]


_SIGNS = {"ok": True, "violated": False, "unknown": None}


def copies(cluster) -> tuple[str, bool | None]:
    """Whether the running nodes' databases hold the same, in a sentence, and as True, False or None (empty)."""
    held = {name: Seen(cluster.state(name), values=cluster.values(name)) for name in cluster.names}
    return compared(Moment(held))


def judged(verdict: Callable[[Any], Any], cluster) -> dict:
    """What a verdict function says, as the page wants it: it gives a text, a `Verdict`, or ``(text, agrees)``."""
    try:
        said = verdict(cluster)
    except Exception as error:
        said = f"no verdict: {type(error).__name__}: {error}", None
    if hasattr(said, "explanation"):
        said = f"{said.status}: {said.explanation}", _SIGNS[said.status]
    text, agrees = said if isinstance(said, tuple) else (said, None)
    return {"text": str(text or ""), "agrees": agrees}
