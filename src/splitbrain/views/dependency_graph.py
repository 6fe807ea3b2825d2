"""A cycle of dependencies between transactions: the proof that they did not run one after the other.

Other operations are drawn in the same way: what must come before what, where no order is true to all of it.

Drawn as direct serialization graphs are (A. Adya, "Weak Consistency", PhD thesis, MIT 1999): a transaction is a node,
an edge leads from the one that must come before to the one that must come after.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from splitbrain.records import FAIL, OK, UNKNOWN, Operation, Verdict, Witness
from splitbrain.views import style
from splitbrain.views.canvas import Box, Canvas, legend, legend_lines, plain_settings
from splitbrain.views.cycle_layout import between, set_out
from splitbrain.views.picture import Picture
from splitbrain.views.sources import answer, question, say, witness_of

SMALL = 11
_MOST = 8  # micro-operations in a box
_TITLE, _LINE = 25, 17


class Look(NamedTuple):
    """How a kind of edge is drawn, and what it says."""

    colour: str
    dash: tuple | None
    meaning: str


LOOKS = {
    "ww": Look(style.INK, None, "ww: wrote what the other overwrote"),
    "wr": Look(style.BLUE, (10, 4), "wr: wrote what the other read"),
    "rw": Look(style.VERMILLION, (4, 3.5), "rw: read what the other overwrote"),
    "process": Look(style.GREEN, (10, 3, 2, 3), "process: the same client, before"),
    "realtime": Look(style.SOFT, (1.6, 3.4), "realtime: over before the other began"),
}
_OTHER = Look(style.INK, None, "must come before")


def dependency_graph(verdict: Any, *, title: str = "", width: float = 620) -> Picture:
    """The transactions that cannot have run one after the other, and why each must come before the next.

    Parameters
    ----------
    verdict : Verdict, Witness or Run
        Of a checker of transactions, or of another whose witness are operations; a run's own verdict is taken.
    title : str
        Above the picture; by default the anomaly, where the verdict names one.
    width : float
        Pixels; a long cycle takes more.

    Returns
    -------
    Picture
        Transactions on the cycle stand in a ring. Below are those, dashed, whose reads show the order of versions.

    Raises
    ------
    TypeError
        If there is no witness in what was given.
    ValueError
        If the verdict has none, as where nothing is wrong.
    """
    proof = _proof(verdict)
    told = verdict if isinstance(verdict, Verdict) else getattr(verdict, "verdict", None)
    explained = told.explanation if isinstance(told, Verdict) else ""
    head, _, sentence = explained.partition(": ") if getattr(told, "excluded", ()) else ("", "", explained)
    title = title or (head if len(head) < 90 else "")
    edges = [(i, j, *_parted(reason)) for i, j, reason in proof.edges]
    reasons = [f"{n}  {clause}" for n, (*_, clause) in enumerate(edges, 1)]
    said = [*[sentence] * bool(sentence and not (head and reasons)), *reasons]
    with plain_settings():
        figure = _draw(proof, edges, said, title, width)
    return Picture.from_figure(figure, _alt(proof, edges, title), _table(proof, edges))


def _proof(verdict: Any) -> Witness:
    if not isinstance(verdict, Verdict | Witness) and not isinstance(getattr(verdict, "verdict", None), Verdict):
        raise TypeError(f"a dependency graph needs a verdict, a witness or a run, not {type(verdict).__name__}")
    proof = witness_of(verdict, verdict if isinstance(verdict, Verdict | Witness) else None)
    if not proof.operations:
        raise ValueError("there is nothing to draw: the verdict has no witness")
    return proof


def _parted(reason: str) -> tuple[str, str]:
    """The kind of an edge, and its reason in words."""
    kind, colon, clause = reason.partition(": ")
    return (kind, clause) if colon and kind in LOOKS else ("", reason)


def _name(operation: Operation) -> str:
    return f"{'T' if operation.f == 'txn' else '#'}{operation.index}"


def _lines(operation: Operation) -> list[str]:
    """What a transaction did, a micro-operation a line; what another operation asked for and was told."""
    if operation.f != "txn":
        return [question(operation.f, operation.key, operation.value),
                answer(operation.status, operation.result, operation.error, f=operation.f)]
    mops = operation.result if operation.status == OK else operation.value
    if not isinstance(mops, list | tuple):
        return [say(mops)]
    lines = [_line(mop, operation.status == OK) for mop in mops]
    return lines if len(lines) <= _MOST else [*lines[:_MOST - 1], f"and {len(lines) - _MOST + 1} more"]


def _line(mop: Any, answered: bool) -> str:
    if not isinstance(mop, list | tuple) or len(mop) != 3:
        return say(mop)
    f, key, value = mop
    if f == "append":
        return f"append {say(value)} to {say(key)}"
    if f == "w":
        return f"write {say(key)} = {say(value)}"
    return f"read {say(key)} = {_seen(value)}" if answered else f"read {say(key)}, unknown what"


def _seen(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, list | tuple) and len(value) > 8:
        return f"[{say(value[0])}, …, {', '.join(map(say, value[-3:]))}]"
    return say(list(value)) if isinstance(value, tuple) else say(value)


def _head(operation: Operation) -> str:
    who = operation.process if isinstance(operation.process, str) else f"process {operation.process}"
    return f"{_name(operation)}  {who}" + {FAIL: "  ✗ failed", UNKNOWN: "  ? outcome unknown"}.get(
        operation.status, "")


def _size(operation: Operation) -> tuple[float, float]:
    words = [style.text_width(_head(operation), 12, "bold"), *(style.text_width(t, SMALL) for t in _lines(operation))]
    return min(max(*words, 90) + 26, 300), _TITLE + _LINE * len(_lines(operation)) + 9


def _draw(proof: Witness, edges: list[tuple], said: list[str], title: str, width: float):
    by = {o.index: o for o in proof.operations}
    ring = list(dict.fromkeys(i for a, b, *_ in edges for i in (a, b) if i in by)) or list(by)
    rest = [i for i in by if i not in ring]
    places = set_out({i: _size(o) for i, o in by.items()}, ring, rest, width - 60)
    top = 52 if title else 28
    wide = max(width, max(box.right for box in places.values()) + 60)
    places = {i: Box(b.left + 30, b.top + top, b.right + 30, b.bottom + top) for i, b in places.items()}
    reasons = [line for text in said for line in _wrapped(text, wide - 60)]
    bottom = max(box.bottom for box in places.values())
    signs = _signs(edges, rest)
    below = 18 * len(reasons) + (22 if reasons else 0)
    if signs:
        below += 19.25 * legend_lines(wide, 24, [text for _, text in signs], size=SMALL) + 4
    canvas = Canvas(wide, bottom + 24 + below)
    if title:
        canvas.text(20, 26, title, size=14, weight="bold")
    _draw_edges(canvas, edges, places)
    for i, box in places.items():
        _draw_box(canvas, by[i], box, i in rest)
    y = bottom + 32
    for line in reasons:
        canvas.text(30, y, line, size=SMALL)
        y += 18
    legend(canvas, 24, y + (8 if reasons else 0), signs, size=SMALL)
    return canvas.figure


def _wrapped(text: str, width: float) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if style.text_width(longer, SMALL) <= width or not lines[-1].strip():
            lines[-1] = longer
        else:
            lines.append(f"     {word}" if text[0].isdigit() else word)
    return lines


def _draw_edges(canvas: Canvas, edges: list[tuple], places: dict[int, Box]) -> None:
    pairs = {(i, j) for i, j, *_ in edges}
    for n, (i, j, kind, _) in enumerate(edges, 1):
        if i not in places or j not in places:
            continue
        look = LOOKS.get(kind, _OTHER)
        start, end = between(places[i], places[j], 17 if (j, i) in pairs else 0)
        canvas.arrow(start, end, colour=look.colour, width=2, dash=look.dash, head=11, name=f"edge-{i}-{j}-{kind}")
        x, y = (start[0] * 0.54 + end[0] * 0.46), (start[1] * 0.54 + end[1] * 0.46)
        label = f"{n} {kind}".strip()
        half = style.text_width(label, SMALL, "bold") / 2 + 7
        canvas.box(x - half, y - 10, 2 * half, 20, fill=style.PAPER, edge=look.colour, line=1.3, radius=9, z=4)
        canvas.text(x, y, label, size=SMALL, weight="bold", align="center")


def _draw_box(canvas: Canvas, operation: Operation, box: Box, aside: bool) -> None:
    fill, edge = {OK: (style.TINTS["blue"], style.BLUE), FAIL: (style.PAPER, style.VERMILLION)}.get(
        operation.status, (style.TINTS["yellow"], style.INK))
    if aside:
        fill, edge = style.PAPER, style.SOFT
    canvas.box(box.left, box.top, box.right - box.left, box.bottom - box.top, fill=fill, edge=edge, line=1.6, radius=7,
               dash=(5, 4) if aside or operation.status == FAIL else None, z=3, name=f"transaction-{operation.index}")
    wide = box.right - box.left - 20
    canvas.text(box.left + 11, box.top + 15, style.fit(_head(operation), wide, 12, "bold"), weight="bold")
    canvas.line([(box.left + 10, box.top + _TITLE), (box.right - 10, box.top + _TITLE)], colour=edge, z=3.5)
    for n, text in enumerate(_lines(operation)):
        canvas.text(box.left + 13, box.top + _TITLE + 13 + _LINE * n, style.fit(text, wide, SMALL), size=SMALL)


def _signs(edges: list[tuple], rest: list[int]) -> list[tuple]:
    def sign(look: Look):
        return lambda c, x, y: c.arrow((x - 12, y), (x + 11, y), colour=look.colour, width=2, dash=look.dash, head=8)

    kinds = {kind for *_, kind, _ in edges}
    entries = [(sign(look), look.meaning) for kind, look in [*LOOKS.items(), ("", _OTHER)] if kind in kinds]
    if rest:
        entries.append((lambda c, x, y: c.box(x - 10, y - 7, 20, 14, fill=style.PAPER, edge=style.SOFT, line=1.4,
                                              radius=4, dash=(4, 3)), "its reads show the order"))
    return entries


def _alt(proof: Witness, edges: list[tuple], title: str) -> str:
    count, names = len(proof.operations), {o.index: _name(o) for o in proof.operations}
    kind = "Transactions" if _all_transactions(proof) else "Operations"
    lines = [f"Dependency graph{': ' + title if title else ''}. {kind}: {count}."]
    lines.append(" ".join(f"{_head(o)}: {'; '.join(_lines(o))}." for o in proof.operations))
    lines += [f"{n}. {names.get(i, i)} to {names.get(j, j)}{f' ({kind})' if kind else ''}: {clause}."
              for n, (i, j, kind, clause) in enumerate(edges, 1)]
    return "\n".join(lines)


def _table(proof: Witness, edges: list[tuple]) -> list[dict]:
    kind = "transaction" if _all_transactions(proof) else "operation"
    names = {o.index: _name(o) for o in proof.operations}
    rows = [{kind: _name(o), "process": str(o.process), "status": o.status, "did": "; ".join(_lines(o))}
            for o in proof.operations]
    for n, (i, j, how, clause) in enumerate(edges, 1):
        rows.append({kind: f"edge {n}", "from": names.get(i, i), "to": names.get(j, j), "kind": how, "because": clause})
    return rows


def _all_transactions(proof: Witness) -> bool:
    return all(o.f == "txn" for o in proof.operations)
