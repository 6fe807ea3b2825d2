"""``splitbrain check``: judge a history that comes as JSON lines, from a file or from standard input."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from splitbrain.history_file import Unreadable, free_memory, read
from splitbrain.records import OK, UNKNOWN, VIOLATED, History, Verdict, Witness

EXIT = {OK: 0, VIOLATED: 1, UNKNOWN: 2}
UNREADABLE = 64
MEMORY = 1_000  # MB that a search may take, if there are as many

LINEARIZABLE = ("register", "cas-register", "kv", "mutex", "fifo-queue")
BY_RULE = ("total-queue", "counter", "set", "bank", "list-append", "rw-register")


class TimeUp(BaseException):
    """The time limit has passed. (A BaseException: what is interrupted must not take it for an error of its own.)"""


def models() -> list[str]:
    """The names that ``--model`` takes."""
    from splitbrain.checkers import CHECKERS

    return [*LINEARIZABLE, *(name for name in BY_RULE if name in CHECKERS)]


def check(path: str, model: str, *, limit: float | None = None) -> tuple[Verdict, int]:
    """Read a history and judge it.

    Parameters
    ----------
    path : str
        A file; ``-`` is standard input.
    model : str
        One of `models`.
    limit : float, optional
        Seconds after which the verdict is ``unknown``, reading included.

    Returns
    -------
    (Verdict, int)
        And how many operations were read.

    Raises
    ------
    Unreadable
        If there is no such file, or it holds no history, or one that the model cannot judge.
    """
    history: History = History()
    try:
        with _alarm(limit):
            history = read(path)
            return _judge(history, model), len(history)
    except TimeUp:
        return Verdict(UNKNOWN, f"gave up after {limit:g} s: found neither right nor wrong", model), len(history)
    except MemoryError:
        pass  # said below, when what filled the memory is gone
    del history
    return Verdict(UNKNOWN, "gave up: the memory of this machine is not enough", model), 0


def _judge(history: History, model: str) -> Verdict:
    from splitbrain.checkers import judge
    from splitbrain.checkers.forms import Malformed

    try:
        return _judge_of(model)(history) if model in LINEARIZABLE else judge(model, history)
    except Malformed as error:
        raise Unreadable(f"line {error.position + 1}: {error}") from None
    except ValueError as error:
        raise Unreadable(str(error)) from None
    except RecursionError:
        raise Unreadable(f"line {_deepest(history)}: lists nested too deeply to compare") from None


def _deepest(history: History) -> int:
    """The number of the line with the deepest nesting."""
    def depth(value: Any) -> int:
        levels, level = 0, [value]
        while level:
            levels += 1
            parts = [v.values() if isinstance(v, dict) else v for v in level if isinstance(v, dict | list)]
            level = [item for part in parts for item in part]
        return levels

    told = ((value, position) for o in history for value, position in
            ((o.key, o.start), (o.value, o.start), (o.result, o.end)) if position is not None)
    return max(told, key=lambda pair: depth(pair[0]))[1] + 1


def _judge_of(model: str) -> Callable[[History], Verdict]:
    from splitbrain.checkers import linearizability

    return partial(linearizability, model=model, budget=None, megabytes=min(MEMORY, free_memory() / 2e6))


@contextmanager
def _alarm(seconds: float | None) -> Iterator[None]:
    if seconds is None:
        yield
        return

    def ring(*_: Any) -> None:
        raise TimeUp

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-6))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def as_json(verdict: Verdict, *, model: str, operations: int, seconds: float) -> str:
    """The verdict in one line of JSON."""
    return json.dumps({
        "verdict": verdict.status, "model": model, "explanation": verdict.explanation,
        "witness": _plain(verdict.witness), "anomalies": list(verdict.anomalies), "not": list(verdict.excluded),
        "operations": operations, "seconds": round(seconds, 6)}, default=str)


def _plain(witness: Witness | None) -> dict | None:
    """Operations with the lines that tell of them; edges between places in this list of operations."""
    if witness is None:
        return None
    place = {o.index: i for i, o in enumerate(witness.operations)}
    return {
        "operations": [{
            "process": o.process, "f": o.f, "key": o.key, "value": o.value, "result": o.result, "status": o.status,
            "lines": [n + 1 for n in (o.start, o.end) if n is not None]} for o in witness.operations],
        "edges": [[place[i], place[j], why] for i, j, why in witness.edges if i in place and j in place]}


def run(path: str, model: str, *, limit: float | None = None, in_json: bool = False) -> int:
    """What ``splitbrain check`` does: print the verdict, return the exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # a name may hold what the terminal has no letter for
    name = "standard input" if path == "-" else path
    if model not in models():
        return _refuse(f"there is no model {model!r}; there are {', '.join(models())}")
    begun = time.perf_counter()
    try:
        verdict, operations = check(path, model, limit=limit)
    except Unreadable as error:
        return _refuse(f"{name}: {error}")
    seconds = time.perf_counter() - begun
    print(as_json(verdict, model=model, operations=operations, seconds=seconds) if in_json else tell(verdict))
    return EXIT[verdict.status]


def tell(verdict: Verdict) -> str:
    """The verdict for a reader: the sentence, and the witness with the lines that it stands on."""
    lines = [str(verdict)]
    for o in verdict.witness.operations if verdict.witness else ():
        where = f"{o.start + 1}" if o.end is None else f"{o.start + 1} and {o.end + 1}"
        lines.append(f"  line {where}: {o}" if o.end is None else f"  lines {where}: {o}")
    return "\n".join(lines)


def _refuse(what: str) -> int:
    print(f"splitbrain check: {what}", file=sys.stderr)
    return UNREADABLE
