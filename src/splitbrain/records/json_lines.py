"""Histories in Jepsen's shape, an event a line: read with care, since such files come from other people's systems.

Jepsen writes EDN. Where a converter has left the colons of its keywords (``":invoke"``), they are taken away, and what
its nemesis did, the process that makes the faults, is passed over: it is no client, and nothing of it is completed.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Iterable, Iterator
from math import isfinite
from sys import intern
from typing import Any

from splitbrain.records.text import short
from splitbrain.records.verdicts import FAIL, OK, UNKNOWN

TYPES = ("invoke", "ok", "fail", "info")
NEMESIS = "nemesis"


def operations(lines: Iterable[str]) -> list[dict[str, Any]]:
    """The operations that the lines tell, as the fields of each, in the order of their invocation.

    Positions (`start` and `end`) are places of lines, counted from 0; a blank line leaves a gap.

    Raises
    ------
    ValueError
        Naming the line and what is wrong with it.
    """
    was_on = gc.isenabled()
    gc.disable()  # Nothing here makes a cycle, and the collector would look through all of it again and again.
    try:
        return _pair(_parse(lines))
    finally:
        if was_on:
            gc.enable()


def _pair(events: Iterable[tuple[int, dict]]) -> list[dict[str, Any]]:
    told: list[dict] = []
    running: dict[Any, dict] = {}
    for position, event in events:
        process, f, kind = event["process"], event["f"], event["type"]
        time = event.get("time")
        time = float(position if time is None else time)
        if kind == "invoke":
            if process in running:
                raise _wrong(position, f"process {process} invokes {f!r} while its operation of line "
                                       f"{running[process]['start'] + 1} has not ended")
            running[process] = entry = {
                "process": process, "f": f, "key": event.get("key"), "value": event.get("value"), "status": UNKNOWN,
                "invoked": time, "start": position, "index": len(told)}
            told.append(entry)
            continue
        entry = running.pop(process, None)
        if entry is None:
            raise _wrong(position, f"process {process} completes {f!r}, which it never invoked (only the lines of a "
                                   f"process named {NEMESIS} are passed over)")
        if entry["f"] != f:
            raise _wrong(position, f"process {process} completes {f!r}, but on line {entry['start'] + 1} it invoked "
                                   f"{entry['f']!r}")
        if "key" in event and event["key"] != entry["key"]:
            raise _wrong(position, f"process {process} completes {f!r} of key {short(event['key'])}, but on line "
                                   f"{entry['start'] + 1} it invoked it of key {short(entry['key'])}")
        entry["returned"] = time
        if kind != "info":
            entry["status"], entry["result"], entry["end"] = OK if kind == OK else FAIL, event.get("value"), position
    return told


def _parse(lines: Iterable[str]) -> Iterator[tuple[int, dict]]:
    decode = json.JSONDecoder(parse_constant=_no_number).decode
    for position, line in enumerate(lines):
        if line.isspace() or not line:
            continue
        try:
            event = decode(line)
        except json.JSONDecodeError as error:
            if line.lstrip().startswith("{:"):
                raise _wrong(position, "this is EDN, as Jepsen writes it: convert it to JSON, line by line") from None
            raise _wrong(position, f"not JSON ({error.msg} at column {error.colno})") from None
        except RecursionError:
            raise _wrong(position, "lists nested too deeply to read") from None
        except ValueError as error:
            raise _wrong(position, f"not readable ({error})") from None
        if event.__class__ is dict and str(event.get("type"))[:1] == ":":
            _take_colons_away(event)
        complaint = _complaint(event)
        if complaint:
            raise _wrong(position, complaint)
        if event["process"] != NEMESIS:
            event["f"] = intern(event["f"])
            yield position, event


def _take_colons_away(event: dict) -> None:
    for name in ("process", "type", "f"):
        event[name] = _bare(event.get(name))
    value = event.get("value")
    if event["f"] == "txn" and isinstance(value, list):
        event["value"] = [[_bare(mop[0]), *mop[1:]] if isinstance(mop, list) and mop else mop for mop in value]


def _bare(word: Any) -> Any:
    return word[1:] if isinstance(word, str) and word[:1] == ":" else word


def _complaint(event: Any) -> str | None:
    if event.__class__ is not dict:
        return f"expected an object, got {short(event)}"
    for name in ("process", "type", "f"):
        if name not in event:
            return f"{name!r} is missing"
    if event["type"] not in TYPES:
        return f"type {short(event['type'])!r} is none of {', '.join(TYPES)}"
    if event["process"].__class__ not in (int, str, float):
        return f"a process is a number or a name, not {short(event['process'])}"
    if event["f"].__class__ is not str:
        return f"f is the name of a function, not {short(event['f'])}"
    time = event.get("time")
    if time is not None and not (time.__class__ in (int, float) and _finite(time)):
        return f"time is a number, not {short(time)}"
    return None


def _finite(number: float) -> bool:
    try:
        return isfinite(number)
    except OverflowError:
        return False


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number in JSON")


def _wrong(position: int, what: str) -> ValueError:
    return ValueError(f"line {position + 1}: {what}")
