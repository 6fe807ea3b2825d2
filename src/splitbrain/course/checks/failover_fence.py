"""Lab 13, a fence: another writer comes before each statement in turn, and a death at each of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from random import Random
from typing import Any

from splitbrain.checkers.single_writer import single_writer
from splitbrain.course.checks.crash_points import Moment, Recorder, came_by, distinct
from splitbrain.course.feedback import Wrong, exercise, expect, learner_code
from splitbrain.messaging.fencing import TAKE

TABLES = """PRAGMA journal_mode = wal;
CREATE TABLE fence (epoch INTEGER NOT NULL, holder TEXT);
INSERT INTO fence VALUES (0, NULL);
CREATE TABLE orders (number INTEGER PRIMARY KEY, epoch INTEGER, holder TEXT, item TEXT);"""
Token = tuple[int, str]


@exercise("13_failover", "fence", title="A fence in the resource", lines=8, seconds=15, hints=(
    "Who compares, and when? Between the comparison and the write nobody may come; and what was accepted last has to "
    "be there for the next process, too.",
    "One UPDATE can compare and raise the fence: UPDATE fence SET epoch = ?, holder = ? WHERE ...; its rowcount says "
    "whether the token was good. It and the INSERT are one transaction. Two holders may come with the same epoch, and "
    "one holder comes more than once.",
    "with db: good = db.execute(\"UPDATE fence SET epoch = ?, holder = ? WHERE epoch < ? OR (epoch = ? AND "
    "holder = ?)\", ...).rowcount == 1; if good: INSERT INTO orders. Return good."))
def check_fence(write: Callable, *, before: int | None = None) -> str:
    """`before`: the other writer comes before that statement of yours only."""
    with Recorder() as recorder:
        if before is None:
            _in_turn(recorder, write)
            moments = _dies(recorder, write)
        statements = _with_another(recorder, write, (1, "a"), None, (2, "b"))
        for place in range(1, statements + 1) if before is None else [before]:
            for ours, other in (((1, "a"), (2, "b")), ((3, "a"), (3, "b"))):
                _with_another(recorder, write, ours, place, other)
        if before is not None:
            return "with another writer before this statement all is well."
    return (f"whichever of your {statements} statements another writer came before, and at whichever of {moments} "
            "moments you died, the epochs never went back, and each was one holder's.")


def _write(recorder: Recorder, write: Callable, place: Moment, token: Token, item: str) -> tuple[Moment, bool]:
    with recorder.run(place, only_end=True) as run, learner_code(_doing(token)):
        answer = write(run.db, *token, item)
    came_by(run, answer)
    if run.closed:
        raise Wrong("write closed the connection; it belongs to the caller.", expected="an open connection",
                    got="a closed one")
    return run.end, _said(answer)


def _doing(token: Token) -> str:
    return f"with epoch {token[0]} of {token[1]}"


def _said(answer: Any) -> bool:
    return expect(answer, bool, "True (accepted) or False (refused)", of="write(db, epoch, holder, item)")


STORIES: dict[str, list[Token]] = {
    "One holder writes three times.": [(1, "a"), (1, "a"), (1, "a")],
    "b takes over, and a wakes up.": [(1, "a"), (2, "b"), (1, "a"), (2, "b")],
    "Two come with one epoch.": [(4, "a"), (4, "b"), (4, "a")],
    "Epoch 9 is followed by epoch 10.": [(9, "a"), (10, "b"), (9, "a"), (10, "b")],
    "The same holder comes with a later epoch, and an old message of his own arrives.": [(1, "a"), (2, "a"), (1, "a")],
    "The first one of all.": [(1, "c")],
}


def _in_turn(recorder: Recorder, write: Callable) -> None:
    """Stories, and then anything; each write by a new connection, as another process would make it."""
    for title, tokens in STORIES.items():
        _tell(recorder, write, title, tokens)
    for seed in range(15):
        luck = Random(seed)
        _tell(recorder, write, "Writers with any epochs.",
              [(luck.randrange(1, 6), luck.choice("abc")) for _ in range(12)])


def _tell(recorder: Recorder, write: Callable, title: str, tokens: list[Token]) -> None:
    place, last, accepted = recorder.create(TABLES), (0, ""), []
    for number, token in enumerate(tokens):
        good = token[0] > last[0] or token == last
        last = token if good else last
        accepted += [(*token, f"item {number}")] * good
        place, answer = _write(recorder, write, place, token, f"item {number}")
        rows = recorder.look(place, _orders)
        story = f"{title} So far came " + ", ".join(f"epoch {epoch} of {who}" for epoch, who in tokens[:number + 1])
        if answer != good:
            raise Wrong(_mistake(token, good, tokens[:number]), expected=f"write(...) gives {good}", got=f"{answer}\n"
                        f"{story}")
        if rows != accepted:
            more = len(rows) > len(accepted)
            raise Wrong(f"write said {answer}, and a new process finds {'an' if more else 'no'} order of it in the "
                        f"table. {'Refused means: nothing was changed.' if more else 'Was it committed?'}",
                        expected=f"{len(accepted)} orders", got=f"{len(rows)} orders\n{story}")


def _mistake(token: Token, good: bool, before: list[Token]) -> str:
    epoch, holder = token
    if good and token in before:
        return (f"{holder} has written with epoch {epoch}, nobody has come since, and {holder}'s next write is "
                "refused: its token is no greater than its own last one.")
    if good:
        return (f"Epoch {epoch} of {holder} is later than all before, and was refused. Are epochs numbers where you "
                "compare them?")
    if any(e == epoch for e, _ in before) and epoch == max(e for e, _ in before):
        return (f"Epoch {epoch} was accepted from {holder}, and another holder has written with it. Two routers that "
                "heard of the same failover both hold its epoch.")
    return (f"A write with epoch {epoch} of {holder} was accepted after one with a later epoch. Whoever slept through "
            "the change writes over its successor's work. Who remembers which epoch was last, if not the database?")


def _orders(db: sqlite3.Connection) -> list[tuple[int, str, str]]:
    return db.execute("SELECT epoch, holder, item FROM orders ORDER BY number").fetchall()


def _dies(recorder: Recorder, write: Callable) -> int:
    """A write with epoch 2 dies at each of its moments; then epoch 1 comes, and epoch 2 again."""
    place, _ = _write(recorder, write, recorder.create(TABLES), (1, "a"), "first")
    with recorder.run(place) as run, learner_code(_doing((2, "b"))):
        write(run.db, 2, "b", "second")
    if run.left_open:
        raise Wrong("write has returned, and its transaction is still open: all others wait, and if the process dies "
                    "nothing of it was done.", expected="no open transaction", got="db.in_transaction is True")
    for moment in distinct(run.moments):
        after, _ = _write(recorder, write, moment, (1, "a"), "late")
        after, again = _write(recorder, write, after, (2, "b"), "again")
        rows = recorder.look(after, _orders)
        if single_writer((epoch, who) for epoch, who, _ in rows).status != "ok" or not again:
            raise Wrong(f"The process died {moment}, while it wrote with epoch 2. Then a write with epoch 1 came, and "
                        "it was accepted after the order of epoch 2: the order is there, and the fence was not raised. "
                        "Both have to be there, or neither.", expected="epochs that never go back",
                        got=", ".join(f"{item} (epoch {epoch})" for epoch, _, item in rows))
    return len(run.moments)


class _Other:
    """Another writer, right before a chosen statement of yours; while you hold the lock it waits until you are done."""

    def __init__(self, db: sqlite3.Connection, place: int | None, token: Token):
        self.db, self.place, self.token = db, place, token
        self.seen: list[str] = []
        self.answer: bool | None = None

    def __call__(self, statement: str) -> None:
        self.seen.append(" ".join(statement.split()))
        if len(self.seen) == self.place:
            self.write()

    def write(self) -> None:
        epoch, holder = self.token
        try:
            with self.db:
                good = self.db.execute(TAKE, {"epoch": epoch, "holder": holder}).rowcount == 1
                if good:
                    self.db.execute("INSERT INTO orders (epoch, holder, item) VALUES (?, ?, 'other')", self.token)
            self.answer = good
        except sqlite3.OperationalError:
            self.answer = None


def _with_another(recorder: Recorder, write: Callable, ours: Token, place: int | None, other: Token) -> int:
    path = recorder.restore(recorder.create(TABLES))
    db, rival = recorder.connect(path), _Other(recorder.connect(path, timeout=0), place, other)
    doing = f"{_doing(ours)}, and epoch {other[0]} of {other[1]} coming right before your statement {place}"
    db.set_trace_callback(rival)
    with learner_code(doing, passes=(sqlite3.OperationalError,)):
        try:
            answer = _said(write(db, *ours, "ours"))
        except sqlite3.OperationalError as error:
            raise Wrong(f"write raised OperationalError ({error}): it had read before the other one wrote, and then "
                        "wanted to write on top of what it had read. Begin by taking the right to write.\n"
                        f"Tried {doing}.", expected="True or False", got=_last(rival)) from None
    db.set_trace_callback(None)
    if place is not None and rival.answer is None:
        rival.write()
    if rival.answer is None and place is not None:
        raise Wrong(f"write has returned, and the other writer still waits for ever.\nTried {doing}.",
                    expected="no open transaction", got=f"db.in_transaction is {db.in_transaction}")
    rows = _orders(recorder.connect(path))
    verdict = single_writer((epoch, who) for epoch, who, _ in rows)
    if verdict.status != "ok" or (("ours" in [item for *_, item in rows]) != answer):
        raise Wrong(f"Another writer came between your comparison and your write: both were accepted ({verdict}). "
                    f"Comparing and writing have to be one step.\nTried {doing}.",
                    expected="one of the two is refused, or the epochs are in order", got=_last(rival),
                    **({} if place is None else {"replay": f"failover.check_fence(write, before={place})"}))
    return len(rival.seen)


def _last(rival: _Other) -> str:
    return "your statements: " + " | ".join(text if len(text) < 60 else text[:57] + "..." for text in rival.seen[-6:])
