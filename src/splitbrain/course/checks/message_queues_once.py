"""Lab 10, an effect once: killed before every statement, and given the message again."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from splitbrain.course.checks.mortal import Ended, run
from splitbrain.course.feedback import Wrong, exercise

TABLES = """CREATE TABLE account (owner TEXT PRIMARY KEY, balance INTEGER NOT NULL);
INSERT INTO account VALUES ('shop', 100);
CREATE TABLE seen (message TEXT PRIMARY KEY);"""


@exercise("10_message_queues", "once", title="An effect once", lines=9, seconds=60, hints=(
    "The message comes again, perhaps to another process. Where does that process find out that it has had its effect, "
    "and can that be there without the effect, or the effect without it?",
    "The row in seen and the change of the balance have to be one transaction: BEGIN IMMEDIATE ... COMMIT. Whether the "
    "message is new has to be asked inside of it.",
    "BEGIN IMMEDIATE; INSERT OR IGNORE INTO seen; if its rowcount is 1, UPDATE the account; COMMIT; return whether it "
    "was 1."))
def check_once(once: Callable, *, kill: int | None = None) -> str:
    """`kill` looks at one death only: before the statement of this number."""
    with tempfile.TemporaryDirectory(prefix="splitbrain-check-") as folder:
        path = Path(folder, "shop.db")
        _fresh(path)
        points = _once(once, path, "m1", 10, "with a message that is new").points
        if kill is None:
            _plain(once, path)
        for number in range(len(points)) if kill is None else [kill]:
            _again(once, path, number, points)
    return f"killed at each of its {len(points)} moments, and given the message again, it paid once."


def _fresh(path: Path) -> None:
    for ending in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as db:
        db.executescript(TABLES)


def _balance(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT balance FROM account WHERE owner = 'shop'").fetchone()[0]


def _once(once: Callable, path: Path, message: str, amount: int, doing: str, deadly: int | None = None) -> Ended:
    return run(_give, doing=doing, deadly=deadly, path=path, answer=once, message=(message, amount))


def _give(process) -> bool:
    """In the process that is given the message."""
    db = sqlite3.connect(process.path, isolation_level=None, timeout=5)
    db.execute("PRAGMA synchronous = OFF")
    db.set_trace_callback(lambda statement: process.failpoint(f"before `{' '.join(statement.split())[:60]}`"))
    answer = process.answer(db, *process.message)
    db.set_trace_callback(None)
    if db.in_transaction:
        raise RuntimeError("once returned and left a transaction open: nothing in it is done")
    return answer


def _expect(path: Path, balance: int, sentence: str) -> None:
    if (found := _balance(path)) != balance:
        raise Wrong(sentence, expected=f"a balance of {balance}", got=f"{found}")


def _plain(once: Callable, path: Path) -> None:
    _expect(path, 110, "A message of 10 came to an account of 100, once, and nobody died.")
    answers = [_once(once, path, *rest).answer for rest in (
        ("m1", 10, "with a message that has had its effect"), ("m2", 10, "with another message of the same amount"))]
    _expect(path, 120, "m1 (10) came twice, each time to another process, and m2 (10) came once; the account had 100.")
    if answers != [False, True]:
        raise Wrong("once has to say whether the message had its effect now.",
                    expected="False for m1, the second time; True for m2", got=answers)


def _again(once: Callable, path: Path, number: int, points: tuple[str, ...]) -> None:
    _fresh(path)
    _once(once, path, "m1", 10, "with a message that is new", deadly=number)
    after = _balance(path)
    _once(once, path, "m1", 10, "with a message whose first worker was killed")
    balance = _balance(path)
    if balance == 110:
        return
    where = points[number] if points[number].startswith("before") else f"right before {points[number]}"
    what = "Nothing was paid at all: the message counts as seen." if balance == 100 else "It was paid twice."
    raise Wrong(f"The process was killed {where} (its moment {number}), and the message given to another one. {what} "
                "Two things that have to happen together happened one after the other.",
                expected="110", got=f"{after} after the death, {balance} in the end",
                replay=f"message_queues.check_once(once, kill={number})")
