"""Histories drawn in letters: a line a process, a bracket an operation, time from left to right.

    c1  [put x=1 ]        [put x=2 ------]
    c2             [get x --> 1]   [get x -> 2]
    c3                      [put x=3 ?

``c2`` began its first read when ``c1`` was done with its first write; its second overlaps the second. An operation
ends at its ``]``, or at ``?`` when nobody told how it ended. ``[put x=1 failed]`` did not happen. Dashes make an
interval longer and mean nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from splitbrain.records.verdicts import FAIL, OK, UNKNOWN

if TYPE_CHECKING:
    from splitbrain.records.operations import Operation

_BRACKET = re.compile(r"\[([^\[\]?]*)([]?])")
_INSIDE = re.compile(r"(?P<f>[\w-]*\w)(?:\s+(?P<asked>.*?))?\s*(?:-*->\s*(?P<told>.*?))?(?P<failed>\bfailed)?")
_KEYED = {"get", "read"}  # what stands behind these is what they ask for, not a value
_WORDS = {"None": None, "True": True, "False": False}


def operations(text: str) -> list[dict[str, Any]]:
    """The fields of every operation of a sketch, in the order of their beginnings.

    Columns are the times; where two events share a column, beginnings come before ends, so the two overlap.

    Raises
    ------
    ValueError
        Naming the line, and what in it is no operation.
    """
    told = [fields for number, line in enumerate(text.splitlines(), 1) if line.strip() for fields in _row(number, line)]
    if len(names := [fields["process"] for fields in told if fields.pop("first")]) > len(set(names)):
        raise ValueError("two lines have the same name: all that a process asks stands in one line")
    events = sorted([(o["invoked"], 0, n, "start") for n, o in enumerate(told)]
                    + [(o["returned"], 1, n, "end") for n, o in enumerate(told) if o["status"] != UNKNOWN])
    for place, (_, _, n, what) in enumerate(events):
        told[n][what] = place
    told.sort(key=lambda o: o["start"])
    return [fields | {"index": index} for index, fields in enumerate(told)]


def _row(number: int, line: str) -> Iterator[dict[str, Any]]:
    name = re.match(r"\s*([^\s\[:]+):?(?=\s)", line)
    if name is None:
        raise ValueError(f"line {number}: it begins with the name of a process, and a blank")
    at = name.end()
    for bracket in _BRACKET.finditer(line, at):
        _blank(number, line[at:bracket.start()])
        first, at = at == name.end(), bracket.end()
        yield {"process": name[1], "first": first, "invoked": float(bracket.start()), "returned": float(at - 1)} | \
            _fields(number, bracket[1], known=bracket[2] == "]")
    _blank(number, line[at:])


def _blank(number: int, text: str) -> None:
    if text.strip():
        raise ValueError(f"line {number}: {text.strip()!r} stands in no bracket: write [put x=1], or [put x=1 ?")


def _fields(number: int, inside: str, *, known: bool) -> dict[str, Any]:
    found = _INSIDE.fullmatch(re.sub(r"(?:^|\s)-+(?=\s|$)", " ", inside).strip())
    if found is None:
        raise ValueError(f"line {number}: {inside.strip()!r} is no operation")
    f, asked, told = found["f"], (found["asked"] or "").strip(), (found["told"] or "").strip()
    key, equals, value = asked.partition("=")
    if not equals:
        key, value = (asked, "") if f in _KEYED else ("", asked)
    status = FAIL if found["failed"] else OK if known else UNKNOWN
    return {"f": f, "key": key or None, "value": _value(value), "status": status,
            "result": _value(told) if status == OK else None}


def _value(text: str) -> Any:
    """A number or another word of JSON; with commas, a list of such."""
    text = text.strip()
    if not text:
        return None
    if "," in text:
        return [_value(part) for part in text.split(",")]
    try:
        return _WORDS[text] if text in _WORDS else json.loads(text)
    except json.JSONDecodeError:
        return text


def sketch(history: Sequence[Operation]) -> str:
    """Draw it: what `operations` reads again as the same operations in the same order, if at other times.

    Names and values are numbers and words, or lists of such. A ``?`` stands where the client gave up, as far as times
    can tell.
    """
    events = _events(history)
    names = list(dict.fromkeys(str(o.process) for o in history))
    margin = max(map(len, names), default=0) + 2
    rows, column = {name: name.ljust(margin) for name in names}, margin - 1
    for _, ends, o in events:
        row = rows[str(o.process)]
        apart = 1 if ends and o.end is None else 0 if ends or len(row) == margin else 2
        column = max(column + 1, len(row) + apart)
        gap = column - len(row)
        bracket = f"[{_say(o)}" if not ends else "]" if o.end is not None else "?"
        rows[str(o.process)] = row + (" " * gap if not ends or gap < 2 else f" {'-' * (gap - 1)}") + bracket
    return "\n".join(rows.values())


def _events(history: Sequence[Operation]) -> list[tuple[float, bool, Operation]]:
    """Beginnings and ends in their order."""
    known = [(o.start, o.invoked) for o in history] + [(o.end, o.returned) for o in history if o.end is not None]
    events: list[tuple[float, bool, Operation]] = []
    for o in history:
        events.append((o.start, False, o))
        given_up = o.invoked if o.returned is None else o.returned
        later = min((p.start for p in history if p.process == o.process and p.start > o.start), default=float("inf"))
        before = [place for place, time in known if time is not None and time <= given_up and place < later]
        events.append((max([o.start, *before]) + 0.5 if o.end is None else o.end, True, o))
    return sorted(events, key=lambda event: event[:2])


def _say(o: Operation) -> str:
    value = "" if o.value is None else _spell(o.value)
    asked = value if o.key is None else f"{o.key}={value}" if value else str(o.key)
    told = f"-> {_spell(o.result)}" if o.status == OK and (o.result is not None or o.f in _KEYED) else ""
    return " ".join(filter(None, [o.f, asked, told, "failed" if o.status == FAIL else ""]))


def _spell(value: Any) -> str:
    return ",".join(map(_spell, value)) if isinstance(value, list | tuple) else str(value)
