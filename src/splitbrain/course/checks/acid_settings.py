"""Lab 01, settings for a stated budget of durability, tried on the disk that forgets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from splitbrain.course.feedback import Wrong, exercise, expect, learner_code

BUDGETS = {
    "ledger": ("a local disk; the power may go; no acknowledged commit may be lost", 2.0),
    "share": ("a network share, where WAL does not work; the power may go; no acknowledged commit may be lost", 5.0),
    "metrics": ("the power may go; the latest commits may be lost, but the database may never be corrupt", 0.1),
    "scratch": ("processes get killed; the power never goes; no acknowledged commit may be lost", 0.0),
}
MODES, LEVELS = ("delete", "truncate", "persist", "wal"), ("off", "normal", "full", "extra")


@exercise("01_acid", "settings", title="Settings for a budget of durability", lines=4, seconds=60, hints=(
    "Two maps of the lesson decide: which settings survive which fault, and how many forced writes they cost. Look at "
    "the fault that each budget names before you look at the price.",
    "WAL needs shared memory, so it is out on a network share. Of the other modes only one level waits for the "
    "directory after the journal is deleted. And a killed process loses nothing at any level.",
    "ledger: the cheapest setting without an entry in the power-cut map. share: the same with a rollback journal. "
    "metrics: WAL where it loses but does not corrupt. scratch: the level that never waits."))
def check_settings(settings: Callable[[], dict]) -> str:
    with learner_code("in settings()"):
        chosen = settings()
    expect(chosen, dict, "a dict such as {'ledger': (journal mode, synchronous), ...}", of="settings()")
    if missing := [name for name in BUDGETS if name not in chosen]:
        raise Wrong(f"settings() says nothing about {', '.join(missing)}.", expected=list(BUDGETS), got=list(chosen))
    for name, (text, most) in BUDGETS.items():
        _fits(name, text, most, *_setting(name, chosen[name]))
    return "every budget is kept, under as many power cuts as it took to find out."


def _setting(name: str, value: Any) -> tuple[str, str]:
    shape = list[str] if isinstance(value, list) else tuple[str, str]
    expect(value, shape, "(journal mode, synchronous), two strings", of=f"settings() for {name!r}")
    mode, level = (part.strip().lower() for part in value) if len(value) == 2 else ("", "")
    if mode in ("off", "memory"):
        raise Wrong(f"For {name!r} you choose journal mode {mode}. That keeps no journal on disk, so even a process "
                    "that is killed in mid-commit leaves a broken database.",
                    expected=f"one of {', '.join(MODES)}", got=mode)
    if mode not in MODES or level not in LEVELS:
        raise Wrong(f"For {name!r} you choose a setting that this lab does not know.",
                    expected=f"({' | '.join(MODES)}, {' | '.join(LEVELS)})", got=repr(tuple(value)))
    return mode, level


def _fits(name: str, text: str, most: float, mode: str, level: str) -> None:
    from splitbrain.durability import forced_writes_a_commit

    if name == "share" and mode == "wal":
        raise Wrong("A write-ahead log needs memory that all processes share, which a network share does not have: "
                    "SQLite does not promise anything there (sqlite.org/wal.html).",
                    expected="a rollback journal", got="wal")
    if name != "scratch":
        _survives(name, text, mode, level)
    price = forced_writes_a_commit(mode, level)
    if price > most:
        raise Wrong(f"{name!r} ({text}): {mode} with {level} keeps the promise, at {price:g} forced writes a commit. "
                    "There is a cheaper setting that keeps it.",
                    expected=f"at most {most:g} forced writes a commit", got=f"{price:g}")


def _survives(name: str, text: str, mode: str, level: str) -> None:
    from splitbrain.durability import DOCUMENTED, campaign

    may = DOCUMENTED.get((mode, level), "").split()
    cuts = 4000 if "corrupt" in may and level == "normal" else 200
    outcomes = campaign(mode, level, cuts=cuts)
    lost, corrupt = sum(bool(o.lost) for o in outcomes), sum(bool(o.corrupt) for o in outcomes)
    if corrupt or "corrupt" in may:
        example = next((o.corrupt for o in outcomes if o.corrupt), "")
        small = " A small chance is a chance." if cuts > 200 else ""
        raise Wrong(f"{name!r} ({text}): {mode} with {level} left a broken database in {corrupt} of {cuts} power cuts."
                    f"{small}", expected="never corrupt", got=f"for example: {example}")
    if lost and name != "metrics":
        raise Wrong(f"{name!r} ({text}): {mode} with {level} lost acknowledged commits in {lost} of {cuts} power cuts.",
                    expected="none lost", got=f"up to {max(o.lost or 0 for o in outcomes)} lost in one cut")
