"""How a moment looks: what is written on nodes and links, as plain data. The page adds shapes, and nothing else.

The same for the cluster as it is now (`splitbrain.widgets.snapshot`) and for a past moment of it
(`splitbrain.widgets.reel`), so that the one cannot look different from the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from splitbrain.latency import Constant, Distribution, Uniform, spell
from splitbrain.widgets.follow import short
from splitbrain.widgets.layout import Layout
from splitbrain.widgets.moment import Moment, Seen

_READ_OUT = 5
"""As many rows of a node's database are in what a screen reader says of it."""
_NOTHING = object()


def draw_node(layout: Layout, then: Moment, name: str, *, copies: bool = True) -> dict:
    """A node's card: its state, role, afflictions, and as many rows of its database as there is room for.

    `copies`: the databases are meant to hold the same, so a row on which they differ is marked.
    """
    seen = then.nodes[name]
    x, y = layout.centres(then.groups)[name]
    marks, held = _marks(seen), {} if seen.state == "crashed" else seen.values
    differs = partial(_differs, then) if copies else _never
    shown, more = _rows(held, layout, bool(seen.role) + bool(marks), differs)
    holds = ", ".join(f"{short(k, 40)} = {short(v, 40)}" for k, v in list(held.items())[:_READ_OUT]) or "nothing"
    holds = "its database stays on disk" if seen.state == "crashed" else f"holds {holds}"
    said = [f"node {name}", seen.role, seen.state, marks, holds]
    return {"name": name, "x": x, "y": y, "state": seen.state, "role": seen.role, "marks": marks, "rows": shown,
            "more": more, "label": ", ".join(filter(None, said))}


def _marks(seen: Seen) -> str:
    """What is wrong with a node that runs: ``slow by 20 ms, clock +50 ms``."""
    ahead, rate = seen.skew
    clock = (f" {ahead:+g} ms" if ahead else "") + (f" ×{rate:g}" if rate != 1 else "")
    return ", ".join(filter(None, [f"slow by {seen.slow:g} ms" if seen.slow else "", f"clock{clock}" if clock else ""]))


def _rows(held: Mapping, layout: Layout, taken: int, differs: Callable[[Any], bool]) -> tuple[list, int]:
    """``[key, value, differs]`` of as many rows as there is room for, and how many more there are."""
    lines = layout.lines - taken
    shown = len(held) if len(held) <= lines else lines - 1
    return ([_row(k, v, differs(k), layout.letters) for k, v in list(held.items())[:shown]], len(held) - shown)


def _row(key: Any, value: Any, differs: bool, letters: int) -> list:
    room = letters - (3 if differs else 1)
    key = short(key, max(letters // 2, room - len(short(value, letters))))
    return [key, short(value, room - len(key)), differs]


def _never(key: Any) -> bool:
    return False


def _differs(then: Moment, key: Any) -> bool:
    """Whether the running nodes do not hold the same under this key."""
    held = [seen.values.get(key, _NOTHING) for seen in then.nodes.values() if seen.state != "crashed"]
    return any(other != held[0] for other in held)


_CUTS = {(False, False): "none", (True, True): "both", (True, False): "there", (False, True): "back"}


def draw_link(then: Moment, a: str, b: str) -> dict:
    """A link: which way it is cut, and how long its messages take."""
    cut = _CUTS[then.is_cut(a, b), then.is_cut(b, a)]
    state = {"none": "up", "both": "cut", "there": f"cut from {a} to {b}", "back": f"cut from {b} to {a}"}[cut]
    there, back = (told_latency(then.latencies[way]) for way in ((a, b), (b, a)))
    takes = there if there == back else f"{there} there, {back} back"
    return {"a": a, "b": b, "cut": cut, "latency": takes, "label": f"link {a} to {b}, {takes}, {state}",
            "word": {"none": "", "both": "", "there": f"{a} → {b} cut", "back": f"{b} → {a} cut"}[cut]}


def told_latency(distribution: Distribution) -> str:
    """A latency in few letters.

    >>> from splitbrain import constant, exponential, uniform
    >>> told_latency(uniform(1, 5)), told_latency(constant(2)), told_latency(exponential(3))
    ('1–5 ms', '2 ms', 'exponential(3) ms')
    """
    if isinstance(distribution, Constant):
        return f"{spell(distribution.ms)} ms"
    if isinstance(distribution, Uniform):
        return f"{spell(distribution.low)}–{spell(distribution.high)} ms"
    return f"{short(distribution, 40)} ms"


def compared(then: Moment) -> tuple[str, bool | None]:
    """Whether the running nodes' databases hold the same, in a sentence, and as True, False or None (empty).

    This is what the copies hold, which is not yet what clients were told: that is for a checker.
    """
    held = {name: seen.values for name, seen in then.nodes.items() if seen.state != "crashed"}
    key = next((k for k in dict.fromkeys(k for h in held.values() for k in h) if _differs(then, k)), _NOTHING)
    if key is _NOTHING:
        shown = next((h for h in held.values() if h), None)
        if shown is None:
            return "The databases are empty.", None
        return f"Every copy has {', '.join(f'{short(k)} = {short(v)}' for k, v in list(shown.items())[:3])}.", True
    sides: dict[str, list[str]] = {}
    for name, h in held.items():
        sides.setdefault(f"{short(key)} = {short(h[key])}" if key in h else f"no {short(key)}", []).append(name)
    sentences = [f"{_several(names)} {'have' if len(names) > 1 else 'has'} {what}" for what, names in sides.items()]
    return f"The copies differ: {', '.join(sentences)}.", False


def _several(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
