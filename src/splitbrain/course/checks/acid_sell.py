"""Lab 01, a lost update: another seller comes before each statement in turn."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from splitbrain.course.checks.crash_points import Recorder
from splitbrain.course.feedback import Wrong, exercise, expect, learner_code

SHOP = """PRAGMA journal_mode = wal;
CREATE TABLE stock (item TEXT PRIMARY KEY, n INTEGER NOT NULL, version INTEGER NOT NULL DEFAULT 0);
CREATE TRIGGER version AFTER UPDATE OF n ON stock
BEGIN UPDATE stock SET version = version + 1 WHERE item = new.item; END;
INSERT INTO stock (item, n) VALUES ('lamp', {n}), ('vase', 7);"""
BUY = "UPDATE stock SET n = n - 1 WHERE item = 'lamp' AND n > 0"


@exercise("01_acid", "sell", title="Mend a lost update", lines=10, seconds=4, hints=(
    "Between your reading and your writing another seller may come. Which two ways did the lesson show to leave no "
    "room between the two?",
    "Either one statement that reads and writes, `UPDATE ... SET n = n - 1 WHERE ... AND n > 0`, and a look at how "
    "many rows it changed (`cursor.rowcount`); or BEGIN IMMEDIATE before the reading. With a plain BEGIN you would "
    "have to try again.",
    "with db: changed = db.execute(\"UPDATE stock SET n = n - 1 WHERE item = ? AND n > 0\", (item,)).rowcount; and "
    "return changed == 1 after the block. If you compare and swap instead, a failed swap is no False: read again."))
def check_sell(sell: Callable, *, before: int | None = None) -> str:
    """`before`: the other seller comes before that statement only."""
    with Recorder() as recorder:
        statements = _sale(recorder, sell, 5, None, 0)
        places = range(1, statements + 1) if before is None else [before]
        for stock in (5, 1):
            for place in places:
                _sale(recorder, sell, stock, place, 1)
        for place in places:
            _sale(recorder, sell, 40, place, 12)
        _sale(recorder, sell, 0, None, 0)
    return (f"whichever of your {statements} statements another seller comes before, each lamp is sold once and every "
            "sale is in the stock.")


class _Rival:
    """Another seller, on a connection of its own, who comes right before a chosen statement of yours.

    Who comes several times comes before the next ones of the same kind (the next UPDATE), so in your next attempt.
    """

    def __init__(self, db: sqlite3.Connection, place: int | None, times: int):
        self.db, self.place, self.left = db, place, times
        self.seen: list[str] = []
        self.sold, self.waiting, self.kind = 0, 0, ""

    def __call__(self, statement: str) -> None:
        text = " ".join(statement.split())
        if self.seen and self.seen[-1] == text:         # the same statement again: now inside of the trigger
            return
        self.seen.append(text)
        kind = statement.split()[0].upper()
        if self.left and (kind == self.kind or len(self.seen) == self.place):
            self.left, self.kind = self.left - 1, kind
            self.buy()

    def buy(self) -> None:
        try:
            with self.db:
                self.sold += self.db.execute(BUY).rowcount
        except sqlite3.OperationalError:        # you hold the lock: the other one waits until you are done
            self.waiting += 1

    def finish(self) -> bool:
        """Let who waited have their turn; whether they could."""
        waiting, self.waiting = self.waiting, 0
        for _ in range(waiting):
            self.buy()
        return not self.waiting


def _sale(recorder: Recorder, sell: Callable, stock: int, place: int | None, times: int) -> int:
    path = recorder.restore(recorder.create(SHOP.format(n=stock)))
    db, rival = recorder.connect(path), _Rival(recorder.connect(path, timeout=0), place, times)
    doing = _doing(stock, place, times)
    db.set_trace_callback(rival)
    with learner_code(doing, passes=(sqlite3.OperationalError,)):
        try:
            answer = sell(db, "lamp")
        except sqlite3.OperationalError as error:
            _explain_locked(error, doing, rival)
    _is_usable(db, doing)
    _could_be_followed(db, rival, stock, doing)
    expect(answer, bool, "True (sold) or False (none left)", of="sell(db, 'lamp')")
    if not rival.finish() or db.in_transaction:
        raise Wrong("sell has returned, and its transaction is still open: the other seller waits for ever.\n"
                    f"Tried {doing}.",
                    expected="no open transaction", got=f"db.in_transaction is {db.in_transaction}")
    _adds_up(recorder, path, stock, place, rival, answer, doing)
    return len(rival.seen)


def _doing(stock: int, place: int | None, times: int) -> str:
    lamps = "1 lamp" if stock == 1 else f"{stock or 'no'} lamps"
    if place is None:
        return f"with {lamps} in the shop and nobody else selling"
    who = "another seller coming" if times == 1 else f"{times} other sellers coming"
    return f"with {lamps} in the shop and {who} right before your statement {place}"


def _explain_locked(error: sqlite3.OperationalError, doing: str, rival: _Rival) -> None:
    if "locked" not in str(error):
        raise error
    if not rival.sold:
        raise Wrong(f"sell raised OperationalError ({error}), and nobody else had written anything. It asks for more "
                    f"than the right to write next: for what other connections have, too?\nTried {doing}.",
                    expected="True or False", got=_last(rival)) from None
    raise Wrong(f"sell raised OperationalError ({error}): its transaction had read before the other seller wrote, and "
                "SQLite does not let it write on top of an old reading; no waiting helps. The customer wants a lamp, "
                f"not an error.\nTried {doing}.", expected="True or False", got=_last(rival)) from None


def _last(rival: _Rival) -> str:
    return "your statements: " + " | ".join(text if len(text) < 70 else text[:67] + "..." for text in rival.seen[-6:])


def _is_usable(db: sqlite3.Connection, doing: str) -> None:
    try:
        db.total_changes  # noqa: B018  (raises if it is closed)
    except sqlite3.ProgrammingError:
        raise Wrong(f"sell closed the connection; it belongs to the caller.\nTried {doing}.",
                    expected="an open connection", got="a closed one") from None


def _could_be_followed(db: sqlite3.Connection, rival: _Rival, stock: int, doing: str) -> None:
    """A sale by another connection, or without the trace callback, is one that no rival could come into."""
    mark = "SELECT 'the end'"
    db.execute(mark).fetchall()
    seen = rival.seen[-1:] == [mark]
    rival.seen = rival.seen[:-1] if seen else rival.seen
    db.set_trace_callback(None)
    went = stock - rival.db.execute("SELECT total(n) FROM stock WHERE item = 'lamp'").fetchone()[0]
    if not seen or (went > rival.sold and not db.total_changes):
        raise Wrong("The check lets other sellers come before each statement that you send by the connection `db`, and "
                    "this sale went another way. Send everything by `db`, and leave its trace callback alone.\n"
                    f"Tried {doing}.", expected="statements sent by db", got=_last(rival))


def _adds_up(recorder: Recorder, path: Path, stock: int, place: int | None, rival: _Rival, answer: bool,
             doing: str) -> None:
    shop = recorder.connect(path)
    rows = dict(shop.execute("SELECT item, n FROM stock").fetchall())
    trigger = shop.execute("SELECT 1 FROM sqlite_master WHERE type = 'trigger'").fetchone()
    if set(rows) != {"lamp", "vase"} or not trigger:
        raise Wrong(f"Afterwards the shop's table is not as it was: only `n` and `version` are yours to change.\n"
                    f"Tried {doing}.", expected="rows for lamp and vase, and the trigger",
                    got=f"rows for {', '.join(sorted(rows)) or 'nothing'}")
    left, sales = rows["lamp"], rival.sold + answer
    wanted = min(stock, rival.sold + 1)
    facts = {"expected": f"{wanted} sold, {stock - wanted} in stock",
             "got": f"{sales} sold ({rival.sold} by others, {int(answer)} by you), {left} in stock\n{_last(rival)}",
             "replay": None if place is None else f"acid.check_sell(sell, before={place})"}
    if problem := _problem(stock, left, sales, wanted, answer):
        raise Wrong(f"{problem}\nTried {doing}.", **facts)
    if rows["vase"] != 7:
        raise Wrong(f"A lamp was sold, and the stock of vases has changed.\nTried {doing}.",
                    expected=7, got=rows["vase"])


def _problem(stock: int, left: int, sales: int, wanted: int, answer: bool) -> str:
    if left < 0:
        return f"In the end there are {left} lamps in stock. The last lamp was sold twice."
    if sales > stock:
        return "sell said True and sold a lamp that was no longer there. Which statement could have told you?"
    if sales + left > stock:
        return (f"A sale is lost: {sales} lamps were sold, and the stock went down by {stock - left}. Somebody's "
                "number was overwritten by one made from an older reading.")
    if sales + left < stock:
        return (f"The stock went down by {stock - left}, and {sales} {'was' if sales == 1 else 'were'} sold: you said "
                f"{answer}. What the stock holds later does not tell whether *you* sold one.")
    if sales != wanted:
        return ("sell returned False, and there was a lamp left for this customer. Somebody else having been faster "
                "does not mean that none is left.")
    return ""
