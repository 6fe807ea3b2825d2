"""Lab 01, a crash-safe transfer: cut at every statement, refused where it has to be, done when it returns."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

from splitbrain.course.checks.crash_points import Moment, Recorder, Run, came_by
from splitbrain.course.feedback import CheckFailed, Wrong, exercise, learner_code

BANK = """CREATE TABLE account (owner TEXT PRIMARY KEY, balance INTEGER NOT NULL);
CREATE TABLE book (source TEXT, target TEXT, amount INTEGER);
INSERT INTO account VALUES ('ann', 100), ('bob', 50), ('cid', 0);
INSERT INTO book VALUES ('ann', 'bob', 50);"""
BEFORE = ({"ann": 100, "bob": 50, "cid": 0}, [("ann", "bob", 50)])
REFUSED = [
    (("ann", "bob", 101), "ann has 100 and is to send 101"),
    (("ann", "zoe", 10), "there is no account 'zoe' to send to"),
    (("zoe", "ann", 10), "there is no account 'zoe' to send from"),
    (("ann", "bob", 0), "the amount is 0"),
    (("ann", "bob", -5), "the amount is -5"),
]


@exercise("01_acid", "transfer", title="A crash-safe transfer", lines=12, seconds=10, hints=(
    "Three changes belong together: two balances and the book. Which statement makes the database see them as one, and "
    "when does it take effect? And what is still open when you refuse?",
    "Begin the transaction before you look at the balance, and end it on every way out: one way commits, the other one "
    "rolls back. `with db:` does both ends; `db.execute(\"BEGIN IMMEDIATE\")` does the beginning.",
    "Inside one `with db:` block: BEGIN IMMEDIATE; SELECT both balances (fetchone() is None for an unknown account); "
    "raise ValueError before any UPDATE; then `balance = balance - ?`, `balance = balance + ?` and the INSERT. An "
    "exception that leaves the block rolls back, an ordinary end commits."))
def check_transfer(transfer: Callable, *, crash: int | None = None) -> str:
    """`crash` looks at the moment before that statement only."""
    with Recorder() as recorder:
        bank = recorder.create(BANK)
        run = _transfer(recorder, bank, transfer, ("ann", "bob", 30), "while ann sends 30 to bob")
        _came_by_the_connection(run)
        moments = run.moments if crash is None else [m for m in run.moments if m.number == crash]
        _every_moment_is_whole(recorder, moments, _after("ann", "bob", 30))
        for arguments, why in REFUSED:
            _is_refused(recorder, bank, transfer, arguments, why)
        _transfer(recorder, bank, transfer, ("bob", "cid", 50), "while bob sends all of his 50 to cid")
        _transfer(recorder, bank, transfer, ("ann", "ann", 30), "while ann sends 30 to herself")
    return (f"whether it dies before any of its {len(run.moments) - 1} statements or not at all, the transfer is done "
            "or never was, and what has to be refused leaves no trace.")


def _bank(db: sqlite3.Connection) -> tuple[dict[str, int], list[tuple]]:
    return (dict(db.execute("SELECT owner, balance FROM account ORDER BY owner").fetchall()),
            db.execute("SELECT source, target, amount FROM book ORDER BY rowid").fetchall())


def _after(source: str, target: str, amount: int) -> tuple[dict[str, int], list[tuple]]:
    balances = dict(BEFORE[0])
    balances[source] -= amount
    balances[target] += amount
    return balances, [*BEFORE[1], (source, target, amount)]


def _transfer(recorder: Recorder, bank: Moment, transfer: Callable, arguments: tuple, doing: str) -> Run:
    """A transfer that has to succeed: run it, and see that it is done, committed and tidy."""
    with learner_code(doing), recorder.run(bank) as run:
        result = transfer(run.db, *arguments)
    came_by(run, result)
    _is_tidy(run, doing)
    wanted, found = _after(*arguments), recorder.look(run.end, _bank)
    if found != wanted:
        if found == BEFORE and run.left_open:
            raise Wrong(f"The function has returned {doing}, and its transaction is still open: no other connection "
                        "sees the transfer, and if the process dies now, it never was. Is there a commit missing?",
                        expected=_told(wanted), got=_told(found))
        raise Wrong(f"The function has returned {doing}, and a new connection does not find what should be there.",
                    expected=_told(wanted), got=_told(found))
    if run.left_open:
        raise Wrong(f"The function has returned {doing}, and left a transaction open: as long as it is, nobody else "
                    "can write.", expected="no open transaction", got="db.in_transaction is True")
    return run


def _is_tidy(run: Run, doing: str) -> None:
    if run.closed:
        raise Wrong(f"The function closed the connection {doing}. It was given to you by a caller who wants to go on "
                    "with it.", expected="an open connection", got="a closed one")


def _came_by_the_connection(run: Run) -> None:
    if len(run.moments) == 1 or not run.db.total_changes:
        raise Wrong("None of your statements came by the connection `db`, so the check could not follow them. Use it, "
                    "and leave its trace callback alone.", expected="statements sent by db", got="none seen")


def _told(state: tuple[dict[str, int], list[tuple]]) -> str:
    balances, book = state
    return f"balances {balances}, together {sum(balances.values())}; book {book}"


def _every_moment_is_whole(recorder: Recorder, moments: list[Moment], after: tuple) -> None:
    seen = [(moment, recorder.look(moment, _bank)) for moment in moments]
    for moment, state in seen:
        if state not in (BEFORE, after):
            raise Wrong(f"The process died {moment}, while ann sent 30 to bob, and half a transfer is in the file: "
                        f"{_half(state)}.", expected=f"{_told(BEFORE)}\nor {_told(after)}", got=_told(state),
                        picture=_survey(seen), replay=f"acid.check_transfer(transfer, crash={moment.number})")


def _half(state: tuple[dict[str, int], list[tuple]]) -> str:
    balances, book = state
    total, first = sum(balances.values()), sum(BEFORE[0].values())
    if total < first:
        return f"{first - total} coins have left one account and reached no other"
    if total > first:
        return f"{total - first} coins have reached an account and left none"
    if len(book) > len(BEFORE[1]) and balances == BEFORE[0]:
        return "the book tells of a transfer, and no money has moved"
    return "the money has moved, and the book knows nothing of it"


def _survey(seen: list[tuple[Moment, tuple]]) -> Any:
    from splitbrain.views import heat_map

    columns = [str(moment.number) if moment.statement else "(end)" for moment, _ in seen]
    cells = {}
    for column, (_, (balances, book)) in zip(columns, seen, strict=True):
        moved, booked = balances["bob"] - BEFORE[0]["bob"], sum(row[2] for row in book if row not in BEFORE[1])
        cells["money is conserved", column] = "holds" if sum(balances.values()) == 150 else "broken"
        cells["the book agrees", column] = "holds" if moved == booked else "broken"
    return heat_map(["money is conserved", "the book agrees"], columns, cells, column_label="it dies before statement",
                    title="Your transfer, cut at every statement")


def _is_refused(recorder: Recorder, bank: Moment, transfer: Callable, arguments: tuple, why: str) -> None:
    call = f"transfer(db, {', '.join(map(repr, arguments))})"
    error, run = _raises(recorder, bank, transfer, arguments, call)
    _is_tidy(run, f"in {call}")
    for moment in run.moments:
        found = recorder.look(moment, _bank)
        if found != BEFORE:
            when = f"A process that dies {moment}, leaves" if moment.statement else "Afterwards there is"
            raise Wrong(f"{why[0].upper()}{why[1:]}: {call} has to change nothing, at no moment. {when} this:",
                        expected=_told(BEFORE), got=_told(found))
    if error is None:
        pending = " What it did is in a transaction that is still open." if run.left_open else ""
        raise Wrong(f"{why[0].upper()}{why[1:]}, and {call} returned as if all were well.{pending}",
                    expected="ValueError", got="no exception")
    if not isinstance(error, ValueError):
        raise Wrong(f"{why[0].upper()}{why[1:]}: the caller is promised a ValueError.", expected="ValueError",
                    got=f"{type(error).__name__}: {error}")
    if run.left_open:
        raise Wrong(f"{call} raised its ValueError and left the transaction open. The next one cannot begin, and "
                    "nobody else can write. Which way out of your function passes no COMMIT and no ROLLBACK?",
                    expected="no open transaction", got="db.in_transaction is True")
    with learner_code(f"in a good transfer right after the refused {call}"):
        transfer(run.db, "ann", "bob", 30)
    found = _bank(recorder.connect(run.path))
    if found != _after("ann", "bob", 30):
        raise Wrong(f"After {call} was refused, the same connection makes a good transfer, and that one does not "
                    "arrive.", expected=_told(_after("ann", "bob", 30)), got=_told(found))


def _raises(recorder: Recorder, bank: Moment, transfer: Callable, arguments: tuple,
            call: str) -> tuple[Exception | None, Run]:
    run = recorder.run(bank)
    try:
        with learner_code(f"in {call}", passes=(Exception,)), run:
            transfer(run.db, *arguments)
    except CheckFailed:
        raise
    except Exception as error:
        return error, run
    return None, run
