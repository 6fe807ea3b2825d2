"""A timeline in words: its text alternative and its table."""

from __future__ import annotations

from collections import Counter

from splitbrain.records import FAIL, OK, UNKNOWN, History, Operation, Window, Witness
from splitbrain.views.sources import answer, natural, question, some, when


def left_out(shown: History, everything: History) -> str:
    """What the picture does not show."""
    return (f"Left out: {len(everything) - len(shown)} of {len(everything)} operations, all but those invoked from "
            f"{when(shown[0].invoked)} to {when(shown[-1].invoked)} ms; limit= shows more.")


def name(window: Window) -> str:
    """A fault's line of code, or what struck whom."""
    return window.fault if "(" in window.fault else f"{window.kind} {' '.join(window.nodes)}".strip()


def _sentence(o: Operation) -> str:
    until = f" to {when(o.returned)} ms" if o.returned is not None else " ms on"
    told = {OK: "was told", FAIL: "failed:", UNKNOWN: "unknown:"}[o.status]
    return (f"{o.process} {question(o.f, o.key, o.value)} {told} "
            f"{answer(o.status, o.result, o.error, f=o.f).removeprefix('→ ')}, {when(o.invoked)}{until}")


def alternative(shown: History, everything: History, proven: set[int], proof: Witness, windows: list[Window]) -> str:
    """What the timeline shows, in sentences."""
    told = Counter(o.status for o in shown)
    outcomes = ((OK, "ok"), (FAIL, "failed"), (UNKNOWN, "unknown"))
    counts = ", ".join(f"{told[status]} {word}" for status, word in outcomes if told[status])
    lines = [f"Timeline of {len(shown)} operation{'' if len(shown) == 1 else 's'} by "
             f"{', '.join(sorted(map(str, shown.processes), key=natural))}: {counts}.",
             some(map(_sentence, shown), "; ") + "."]
    if windows:
        lines.append("Faults: " + some((f"{name(w)} from {when(w.start)}" + (
            f" to {when(w.end)} ms" if w.end is not None else " ms on") for w in windows), "; ") + ".")
    if proven:
        lines.append("The verdict's witness: " + some((_sentence(o) for o in shown if o.index in proven), "; ") + ".")
    names = {o.index: f"{o.process} {question(o.f, o.key, o.value)}" for o in everything}
    reasons = [f"{names[i]} before {names[j]}: {why}" for i, j, why in proof.edges if i in names and j in names]
    if reasons:
        lines.append("Its order: " + some(reasons, "; ") + ".")
    if len(shown) < len(everything):
        lines.append(left_out(shown, everything))
    return "\n".join(lines)


def table(shown: History, proven: set[int]) -> list[dict]:
    """Every operation of the timeline, a row an operation."""
    rows = []
    for o in shown:
        row = {"operation": o.index, "process": str(o.process), "asked": question(o.f, o.key, o.value),
               "outcome": o.status, "told": answer(o.status, o.result, o.error, f=o.f).removeprefix("→ "),
               "from (ms)": round(o.invoked, 3), "to (ms)": None if o.returned is None else round(o.returned, 3)}
        rows.append(row | ({"witness": "yes" if o.index in proven else ""} if proven else {}))
    return rows
