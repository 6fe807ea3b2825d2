"""The checks of lab 01 handle whatever is no right answer, and see the moments that a crash leaves."""

import subprocess
import sys

import pytest

from splitbrain.course.checks import acid
from splitbrain.course.checks.crash_points import Recorder
from splitbrain.course.feedback import NotAttempted, Raised, Wrong

MOVE = ("UPDATE account SET balance = balance + ? WHERE owner = ?",)

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


@pytest.mark.parametrize("check", CHECKS[:2] + CHECKS[3:])
def test_a_query_without_end_is_stopped(check, monkeypatch):
    def endless(db, *_):
        db.execute("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n").fetchone()

    monkeypatch.setattr("splitbrain.course.feedback.watchdog", quick)
    with pytest.raises((Raised, Wrong), match=r"interrupted|did not end"):
        check(endless)


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
