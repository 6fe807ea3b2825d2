"""The checks of lab 01 accept every right answer that we can think of, and handle whatever else they are given."""

import sqlite3
import subprocess
import sys

import pytest

from splitbrain.course.checks import acid
from splitbrain.course.checks.crash_points import Recorder
from splitbrain.course.feedback import NotAttempted, Raised, Wrong

MOVE = ("UPDATE account SET balance = balance + ? WHERE owner = ?",)


def pays(db, source, target, amount):
    """What every right transfer does inside its transaction."""
    have = db.execute("SELECT balance FROM account WHERE owner = ?", (source,)).fetchone()
    to = db.execute("SELECT balance FROM account WHERE owner = ?", (target,)).fetchone()
    if amount <= 0 or have is None or to is None or have[0] < amount:
        raise ValueError("no")
    db.execute(*MOVE, (-amount, source))
    db.execute(*MOVE, (amount, target))
    db.execute("INSERT INTO book VALUES (?, ?, ?)", (source, target, amount))


def with_block(db, source, target, amount):
    with db:
        pays(db, source, target, amount)


def begin_immediate(db, source, target, amount):
    db.execute("BEGIN IMMEDIATE")
    try:
        pays(db, source, target, amount)
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def autocommit_mode(db, source, target, amount):
    db.isolation_level = None
    begin_immediate(db, source, target, amount)


def savepoint(db, source, target, amount):
    db.isolation_level = None
    db.execute("SAVEPOINT transfer")
    try:
        pays(db, source, target, amount)
    except ValueError:
        db.execute("ROLLBACK TO transfer")
        db.execute("RELEASE transfer")
        raise
    db.execute("RELEASE transfer")


def checked_by_the_database(db, source, target, amount):
    """Does first and asks afterwards: rowcounts, and a look at the balance before the commit."""
    cursor = db.cursor()
    try:
        taken = cursor.execute(*MOVE, (-amount, source)).rowcount
        given = cursor.execute(*MOVE, (amount, target)).rowcount
        low = cursor.execute("SELECT min(balance) < 0 FROM account").fetchone()[0]
        if amount <= 0 or taken != 1 or given != 1 or low:
            raise ValueError("refused")
        cursor.execute("INSERT INTO book VALUES (?, ?, ?)", (source, target, amount))
    except ValueError:
        db.rollback()
        raise
    db.commit()


def optimistic(db, source, target, amount):
    db.row_factory = sqlite3.Row
    if amount <= 0:
        raise ValueError("no")
    while True:
        rows = dict(db.execute("SELECT owner, balance FROM account WHERE owner IN (?, ?)", (source, target)))
        if rows.get(source, -1) < amount or target not in rows:
            raise ValueError("no")
        with db:
            swapped = db.execute("UPDATE account SET balance = balance - ? WHERE owner = ? AND balance = ?",
                                 (amount, source, rows[source])).rowcount
            if swapped:
                db.execute(*MOVE, (amount, target))
                db.execute("INSERT INTO book VALUES (?, ?, ?)", (source, target, amount))
                return


def one_statement(db, source, target, amount):
    with db:
        db.execute("BEGIN IMMEDIATE")
        rows = dict(db.execute("SELECT owner, balance FROM account"))
        if not 0 < amount <= rows.get(source, 0) or target not in rows:
            raise ValueError("no")
        db.execute("UPDATE account SET balance = balance - :n * (owner = :a) + :n * (owner = :b)",
                   {"n": amount, "a": source, "b": target})
        db.executemany("INSERT INTO book VALUES (?, ?, ?)", [(source, target, amount)])


def under_wal(db, source, target, amount):
    db.execute("PRAGMA journal_mode = wal")
    begin_immediate(db, source, target, amount)


@pytest.mark.parametrize("transfer", [with_block, begin_immediate, autocommit_mode, savepoint, checked_by_the_database,
                                      optimistic, one_statement, under_wal])
def test_right_transfers(transfer, capsys):
    acid.check_transfer(transfer)
    assert capsys.readouterr().out.startswith("Right: ")


def table_of_progress(db, rows, step=20):
    with db:
        db.execute("CREATE TABLE IF NOT EXISTS progress (id INTEGER PRIMARY KEY CHECK (id = 1), done INTEGER)")
    found = db.execute("SELECT done FROM progress").fetchone()
    for start in range(found[0] if found else 0, len(rows), step):
        with db:
            db.executemany("INSERT INTO payment VALUES (?, ?)", rows[start:start + step])
            db.execute("INSERT OR REPLACE INTO progress VALUES (1, ?)", (min(start + step, len(rows)),))


def row_by_row(db, rows):
    table_of_progress(db, rows, step=1)


def set_of_numbers(db, rows):
    """Each row's number is the key of a table; what is in it is in the payments."""
    db.isolation_level = None
    db.execute("CREATE TABLE IF NOT EXISTS seen (number INTEGER PRIMARY KEY)")
    for number, row in enumerate(rows):
        db.execute("BEGIN IMMEDIATE")
        if db.execute("INSERT OR IGNORE INTO seen VALUES (?)", (number,)).rowcount:
            db.execute("INSERT INTO payment VALUES (?, ?)", row)
        db.execute("COMMIT")


def column_of_numbers(db, rows):
    """A column of its own in the table, with a unique index; rows of other days have none."""
    with db:
        if "line" not in [column[1] for column in db.execute("PRAGMA table_info(payment)")]:
            db.execute("ALTER TABLE payment ADD COLUMN line INTEGER")
        db.execute("CREATE UNIQUE INDEX IF NOT EXISTS line ON payment (line)")
    for start in range(0, len(rows), 10):
        with db:
            db.executemany("INSERT OR IGNORE INTO payment VALUES (?, ?, ?)",
                           [(*row, start + i) for i, row in enumerate(rows[start:start + 10])])


def user_version(db, rows):
    """The database has an integer in its header that is transactional."""
    done = db.execute("PRAGMA user_version").fetchone()[0]
    for number in range(done, len(rows)):
        with db:
            db.execute("BEGIN")
            db.execute("INSERT INTO payment VALUES (?, ?)", rows[number])
            db.execute(f"PRAGMA user_version = {number + 1}")


@pytest.mark.parametrize("answer", [table_of_progress, row_by_row, set_of_numbers, column_of_numbers, user_version])
def test_right_imports(answer, capsys):
    acid.check_import(answer)
    assert capsys.readouterr().out.startswith("Right: ")


@pytest.mark.parametrize("share", [("delete", "extra"), ("truncate", "full"), ["persist", "FULL"]])
@pytest.mark.parametrize("ledger", [("wal", "full"), ("WAL", "extra")])
def test_right_settings(share, ledger, capsys):
    acid.check_settings(lambda: {"ledger": ledger, "share": share, "metrics": ("wal", "normal"),
                                 "scratch": ("wal", "off")})
    assert capsys.readouterr().out.startswith("Right: ")


def one_update(db, item):
    with db:
        return db.execute("UPDATE stock SET n = n - 1 WHERE item = ? AND n > 0", (item,)).rowcount == 1


def locked_first(db, item):
    with db:
        db.execute("BEGIN IMMEDIATE")
        n, = db.execute("SELECT n FROM stock WHERE item = ?", (item,)).fetchone()
        if n:
            db.execute("UPDATE stock SET n = ? WHERE item = ?", (n - 1, item))
        return n > 0


def version_column(db, item):
    while True:
        n, version = db.execute("SELECT n, version FROM stock WHERE item = ?", (item,)).fetchone()
        if n == 0:
            return False
        with db:
            if db.execute("UPDATE stock SET n = ?, version = version + 1 WHERE item = ? AND version = ?",
                          (n - 1, item, version)).rowcount:
                return True


def plain_begin_and_again(db, item):
    db.isolation_level = None
    while True:
        db.execute("BEGIN")
        try:
            n, = db.execute("SELECT n FROM stock WHERE item = ?", (item,)).fetchone()
            if n:
                db.execute("UPDATE stock SET n = ? WHERE item = ?", (n - 1, item))
            db.execute("COMMIT")
            return n > 0
        except sqlite3.OperationalError:
            db.execute("ROLLBACK")


def returning(db, item):
    with db:
        return bool(db.execute("UPDATE stock SET n = n - 1 WHERE item = ? AND n > 0 RETURNING n", (item,)).fetchall())


@pytest.mark.parametrize("sell", [one_update, locked_first, version_column, plain_begin_and_again, returning])
def test_right_sellers(sell, capsys):
    acid.check_sell(sell)
    assert capsys.readouterr().out.startswith("Right: ")


CHECKS = [acid.check_transfer, acid.check_import, acid.check_settings, acid.check_sell]


@pytest.mark.parametrize("check", CHECKS)
def test_blank_is_not_attempted(check):
    def blank(*_):
        raise NotImplementedError

    with pytest.raises(NotAttempted):
        check(blank)
    with pytest.raises(NotAttempted):
        check(...)


@pytest.mark.parametrize("check", CHECKS)
def test_code_that_raises_is_shown_its_own_line(check):
    def breaks(*_):
        return {}["nothing"]

    with pytest.raises(Raised, match="KeyError"):
        check(breaks)


@pytest.mark.parametrize("check", CHECKS)
def test_code_without_end_is_stopped(check, monkeypatch):
    def spins(*_):
        while True:
            pass

    monkeypatch.setattr("splitbrain.course.feedback.watchdog", quick)
    with pytest.raises(Raised, match="did not end"):
        check(spins)


def quick(seconds, *args, **options):
    from splitbrain.watchdog import watchdog

    return watchdog(0.2, *args, **options)


@pytest.mark.parametrize("check", CHECKS[:2] + CHECKS[3:])
def test_a_closed_connection_is_noticed(check):
    def closes(db, *_):
        db.close()

    with pytest.raises(Wrong, match="closed the connection"):
        check(closes)


@pytest.mark.parametrize("check", CHECKS[:2])
def test_nothing_done_is_wrong(check):
    with pytest.raises(Wrong, match=r"does not find what should\s+be there|never arrived"):
        check(lambda db, *_: [])


@pytest.mark.parametrize(("answer", "words"), [(None, "returns None"), (1, "a whole number"), ("yes", "a string")])
def test_a_seller_that_returns_something_else(answer, words):
    with pytest.raises(Wrong, match=words):
        acid.check_sell(lambda db, item: answer)


@pytest.mark.parametrize(("answer", "words"), [
    (None, "returns None"), ({}, "nothing about ledger, share"),
    (dict.fromkeys(("ledger", "share", "metrics", "scratch"), "wal full"), "a string"),
    (dict.fromkeys(("ledger", "share", "metrics", "scratch"), ("wal", 2)), "a whole number"),
    (dict.fromkeys(("ledger", "share", "metrics", "scratch"), ("wal", "safe")), "does not know"),
    (dict.fromkeys(("ledger", "share", "metrics", "scratch"), ("memory", "full")), "no journal on disk")])
def test_settings_of_another_form(answer, words):
    with pytest.raises(Wrong, match=words):
        acid.check_settings(lambda: answer)


def test_a_crash_can_be_looked_at_again():
    def half(db, source, target, amount):
        with_block(db, source, target, amount) if source == target else None
        for change, owner in ((-amount, source), (amount, target)):
            with db:
                db.execute(*MOVE, (change, owner))
        with db:
            db.execute("INSERT INTO book VALUES (?, ?, ?)", (source, target, amount))

    with pytest.raises(Wrong) as failed:
        acid.check_transfer(half)
    assert failed.value.replay == "acid.check_transfer(transfer, crash=4)"
    assert "cut at every statement" in failed.value.picture.alt
    with pytest.raises(Wrong, match="statements 3, `COMMIT`"):
        acid.check_transfer(half, crash=4)


def test_a_moment_is_what_a_new_process_finds():
    def count(db):
        return db.execute("SELECT count(*) FROM t").fetchone()[0]

    with Recorder() as recorder:
        start = recorder.create("CREATE TABLE t (x)")
        with recorder.run(start) as run:
            with run.db:
                run.db.executemany("INSERT INTO t VALUES (?)", [(1,), (2,)])
            run.db.execute("INSERT INTO t VALUES (3)")
        assert [(moment.statement, recorder.look(moment, count)) for moment in run.moments] == [
            ("BEGIN", 0), ("INSERT INTO t VALUES (1)", 0), ("INSERT INTO t VALUES (2)", 0), ("COMMIT", 0), ("BEGIN", 2),
            ("INSERT INTO t VALUES (3)", 2), ("", 2)]
        assert run.left_open and not run.closed


CHILD = """
import os, sqlite3, sys
path, die_at = sys.argv[1], int(sys.argv[2])
db = sqlite3.connect(path)
db.execute("PRAGMA synchronous = OFF")
count = 0
def statement(_):
    global count
    count += 1
    if count == die_at:
        os.write(1, b"!")
        os.read(0, 1)
db.set_trace_callback(statement)
for number in range(3):
    with db:
        db.execute("INSERT INTO t VALUES (?)", (number,))
        db.execute("INSERT INTO t VALUES (?)", (-number,))
"""


def inserts(db):
    for number in range(3):
        with db:
            db.execute("INSERT INTO t VALUES (?)", (number,))
            db.execute("INSERT INTO t VALUES (?)", (-number,))


def test_a_moment_is_what_a_real_sigkill_leaves_behind():
    def rows(db):
        return db.execute("SELECT x FROM t").fetchall()

    with Recorder() as recorder:
        start = recorder.create("CREATE TABLE t (x)")
        with recorder.run(start) as run:
            inserts(run.db)
        assert len(run.moments) == 13
        for moment in run.moments[:-1]:
            path = recorder.restore(start)
            command = [sys.executable, "-c", CHILD, str(path), str(moment.number)]
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
                assert child.stdout.read(1) == b"!"
                child.kill()
            assert rows(recorder.connect(path)) == recorder.look(moment, rows)
