"""Lab 05, tiny histories: what a register and a queue do, and thousands of small ways to get it right and wrong."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from random import Random
from typing import Any

from splitbrain.records import FAIL, OK, UNKNOWN, History, Operation

SHARES = {1: 30, 2: 250, 3: 420, 4: 450, 5: 350}  # histories by how many operations they have


def register(state: Any, operation: Operation) -> tuple[bool, Any]:
    """What a register does: is the answer right in this state, and the state afterwards."""
    if operation.f == "write":
        return True, operation.value
    return operation.status != "ok" or operation.result == state, state


def queue(state: Any, operation: Operation) -> tuple[bool, Any]:
    """The same for a queue; its first state is ()."""
    if operation.f == "enqueue":
        return True, (*state, operation.value)
    first = state[0] if state else None
    return operation.status != OK or operation.result == first, state[1:]


def tiny_histories(ask: Callable | None = None, *, every: int = 1) -> tuple[History, ...]:
    """Histories of one to five operations, the smallest first, none twice; of these every so many."""
    return _all_tiny(ask or ask_register)[::every]


@cache
def _all_tiny(ask: Callable) -> tuple[History, ...]:
    found: list[History] = []
    for length, share in SHARES.items():
        drawn = (_tiny(Random(1000 * length + seed), length, ask) for seed in range(3 * share))
        different = list({one.to_sketch(): one for one in drawn}.values())[:share]
        found += sorted(different, key=lambda one: sum(o.status != OK for o in one))
    return tuple(found)


def _tiny(dice: Random, length: int, ask: Callable) -> History:
    """Three processes; what they are told is drawn, so most of it is wrong, and enough is right."""
    running: dict[str, dict] = {}
    told: list[dict] = []
    place = 0
    while len(told) < length or running:
        process = "abc"[int(dice.random() * 3)]
        entry = running.pop(process, None)
        if entry is None and len(told) < length:
            f, value, result = ask(dice)
            running[process] = {"process": process, "f": f, "value": value, "result": result, "status": UNKNOWN,
                                "start": place, "invoked": float(place), "index": len(told)}
            told.append(running[process])
        elif entry is not None:
            ends = dice.random()
            entry["returned"] = float(place)
            entry["status"] = OK if ends < 0.7 else FAIL if ends < 0.8 else UNKNOWN
            entry["result"] = entry["result"] if entry["status"] == OK else None
            entry["end"] = None if entry["status"] == UNKNOWN else place
        else:
            continue
        place += 1
    return History(Operation(**entry) for entry in told)


def ask_register(dice: Random) -> tuple[str, Any, Any]:
    if dice.random() < 0.5:
        return "write", 1 + int(dice.random() * 2), None
    return "read", None, (None, 1, 2, 1, 2)[int(dice.random() * 5)]


def ask_queue(dice: Random) -> tuple[str, Any, Any]:
    if dice.random() < 0.5:
        return "enqueue", 1 + int(dice.random() * 2), None
    return "dequeue", None, (None, 1, 2, 1, 2)[int(dice.random() * 5)]
