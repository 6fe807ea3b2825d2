"""What pictures are made of: records, taken from whatever holds them, and the words for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from splitbrain.records import (
    FAIL,
    OK,
    UNKNOWN,
    Event,
    History,
    Journal,
    Message,
    Operation,
    Verdict,
    Witness,
    arguments,
)


def journal_of(source: Any) -> Journal:
    """The journal of a run or a cluster, or the journal that was given.

    Raises
    ------
    TypeError
        If there is none in it.
    ValueError
        If it is empty.
    """
    journal = source if isinstance(source, Journal) else getattr(source, "journal", None)
    if not isinstance(journal, Journal):
        raise TypeError(f"a picture of messages needs a run, a cluster or a Journal, not {type(source).__name__}")
    if not len(journal):
        raise ValueError("the journal is empty: run something first, on a cluster made with journal=True")
    return journal


def history_of(source: Any) -> History:
    """The history of a run or a cluster, or the operations that were given.

    Raises
    ------
    TypeError
        If there is none in it.
    ValueError
        If it has no operations.
    """
    history = getattr(source, "history", source)
    if not isinstance(history, History):
        if not isinstance(history, list | tuple) or not all(isinstance(o, Operation) for o in history):
            raise TypeError(f"a timeline needs a run, a cluster or a History, not {type(source).__name__}")
        history = History(history)
    if not history:
        raise ValueError("the history is empty: no client has asked for anything yet")
    return history


def witness_of(source: Any, witness: Any) -> Witness:
    """The witness that was given, alone or in its verdict; without one, that of the run's own verdict."""
    if witness is None:
        witness = getattr(source, "verdict", None)
    if isinstance(witness, Verdict):
        witness = witness.witness
    if witness is None:
        return Witness()
    if not isinstance(witness, Witness):
        raise TypeError(f"a witness is a Witness or the Verdict that holds it, not {type(witness).__name__}")
    return witness


def is_witness(witness: Witness, process: Any, f: str, key: Any, value: Any, invoked: float) -> bool:
    """Whether the witness names this operation; its journal and its history know it by different numbers."""
    wanted = (str(process), f, key, value, round(invoked, 3))
    return any((str(o.process), o.f, o.key, o.value, round(o.invoked, 3)) == wanted for o in witness.operations)


@dataclass(frozen=True)
class Asked:
    """An operation as the journal has it: from its ``invoke`` to its ``complete``, if that came."""

    id: str
    client: str
    home: str
    f: str
    key: Any
    value: Any
    invoke: Event
    complete: Event | None
    witness: bool = False

    @property
    def status(self) -> str:
        return UNKNOWN if self.complete is None else self.complete.detail.get("status", UNKNOWN)

    @property
    def question(self) -> str:
        return question(self.f, self.key, self.value)

    @property
    def answer(self) -> str:
        detail = {} if self.complete is None else self.complete.detail
        return answer(self.status, detail.get("result"), detail.get("error", ""), f=self.f)


def operations_in(events: list[Event], witness: Witness) -> list[Asked]:
    """Every operation of a journal, in the order of invocation."""
    ended = {(e.node, e.detail.get("operation")): e for e in events if e.kind == "complete"}
    found = []
    for event in [e for e in events if e.kind == "invoke"]:
        detail = event.detail
        f, key, value = detail.get("f", "?"), detail.get("key"), detail.get("value")
        found.append(Asked(detail.get("operation", ""), event.node, detail.get("node", ""), f, key, value, event,
                           ended.get((event.node, detail.get("operation"))),
                           is_witness(witness, event.node, f, key, value, event.time)))
    return found


def names_in(source: Any, events: list[Event]) -> tuple[list[str], list[str]]:
    """Nodes, in their cluster's order or sorted; clients, in the order in which they first asked."""
    clients = list(dict.fromkeys(e.node for e in events if e.kind == "invoke"))
    known = list(getattr(getattr(source, "cluster", source), "names", ()))
    seen: set[str] = set()
    for event in events:
        seen.update((event.message.source, event.message.target) if event.message else (event.node,))
        seen.update(event.detail.get("nodes", ()))
    others = sorted(seen - set(known) - set(clients) - {""}, key=natural)
    return known + others, clients


def natural(name: str) -> list:
    """A key that sorts n2 before n10."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", name)]


def say(value: Any) -> str:
    """A value in few letters: text without its quotes, what is long shortened."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else text[:59] + "…"


def question(f: str, key: Any, value: Any) -> str:
    """What was asked: ``put(x, 1)``."""
    return f"{f}({', '.join(map(say, arguments(key, value)))})"


def answer(status: str, result: Any, error: str = "", *, f: str = "") -> str:
    """What was told: ``→ 1``, ``ok`` where there is nothing to tell, ``failed``, ``no answer``."""
    if status == OK:
        nothing = (result is None and f not in ("get", "read")) or result == "ok"
        return "ok" if nothing else f"→ {say(result)}"
    # "... within 50 ms; nobody knows whether it happened": the second half is what `unknown` means anyway.
    return say(error.partition(";")[0]) if error else "failed" if status == FAIL else "no answer"


def body(message: Message) -> str:
    """What a message says: ``put(x, 1)``, ``→ 1``, ``✗ no quorum``."""
    if message.kind == "response":
        return f"→ {say(message.body)}" if message.body is not None else "→"
    if message.kind == "error":
        text = message.body[-1] if isinstance(message.body, list | tuple) and message.body else message.body
        return f"✗ {say(text)}"
    arguments = message.body if isinstance(message.body, list | tuple) else (message.body,)
    return f"{message.method}({', '.join(map(say, arguments))})"


def when(ms: float) -> str:
    """A time in milliseconds, to a tenth."""
    return f"{round(ms, 1):g}" if abs(ms) < 1e6 else f"{ms:.0f}"


def some(items, between: str = ", ", limit: int = 8) -> str:
    """The first few, and how many more there are."""
    items = list(items)
    shown = between.join(items[:limit])
    return shown if len(items) <= limit else f"{shown}{between}and {len(items) - limit} more, in the table"
