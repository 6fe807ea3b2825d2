"""The fence: whoever sleeps, dies or shares an epoch, the database takes one holder's writes an epoch, in order."""

import multiprocessing
import os
import random
import signal
import sqlite3
import time

import pytest

from splitbrain.messaging.fencing import Fenced, FencedDatabase, Token

SCHEMA = "CREATE TABLE IF NOT EXISTS accepted (place INTEGER PRIMARY KEY, epoch INTEGER, holder TEXT)"


def note(token):
    return lambda db: db.execute("INSERT INTO accepted (epoch, holder) VALUES (?, ?)", (token.epoch, token.holder))


def accepted(path):
    with sqlite3.connect(path) as db:
        return db.execute("SELECT epoch, holder FROM accepted ORDER BY place").fetchall()


def assert_fenced(rows):
    assert [epoch for epoch, _ in rows] == sorted(epoch for epoch, _ in rows)
    assert len(dict(rows)) == len(set(rows)), "two holders wrote under one epoch"


@pytest.mark.parametrize("seed", range(30))
def test_it_accepts_exactly_what_the_rule_says(seed, tmp_path):
    luck, epoch, holder, want = random.Random(seed), -1, None, []
    for _ in range(40):
        token = Token(luck.randrange(12), luck.choice("abc"))
        database = FencedDatabase(tmp_path / "x.db", SCHEMA)  # reopened each time: the fence is in the file
        if token.epoch > epoch or token == Token(epoch, holder):
            epoch, holder = token.epoch, token.holder
            want.append((epoch, holder))
            database.write(token, note(token))
        else:
            with pytest.raises(Fenced, match=f"epoch {epoch} of {holder} has written"):
                database.write(token, note(token))
        database.close()
    assert accepted(tmp_path / "x.db") == want
    assert_fenced(want)


def test_a_change_that_fails_raises_no_fence():
    database = FencedDatabase(":memory:", SCHEMA)
    with pytest.raises(ZeroDivisionError):
        database.write(Token(5, "a"), lambda db: 1 / 0)
    database.write(Token(4, "b"), note(Token(4, "b")))


def test_what_a_change_returns_comes_back():
    assert FencedDatabase(":memory:").write(Token(0, "a"), lambda db: "done") == "done"


def test_check_and_write_are_one_step_for_another_connection(tmp_path):
    ours, other = (FencedDatabase(tmp_path / "x.db", SCHEMA) for _ in range(2))
    other.db.execute("PRAGMA busy_timeout = 0")

    def change(db):
        with pytest.raises(sqlite3.OperationalError, match="locked"):  # between our check and our write nobody comes
            other.write(Token(2, "b"), note(Token(2, "b")))
        note(Token(1, "a"))(db)

    ours.write(Token(1, "a"), change)
    other.write(Token(2, "b"), note(Token(2, "b")))
    assert accepted(tmp_path / "x.db") == [(1, "a"), (2, "b")]


@pytest.mark.parametrize("dies", ["before", "after"])
def test_killed_in_the_middle_the_fence_and_the_write_are_both_there_or_both_not(tmp_path, dies):
    def work():
        database = FencedDatabase(tmp_path / "x.db", SCHEMA)

        def change(db):
            note(Token(7, "a"))(db)
            if dies == "before":
                os.kill(os.getpid(), signal.SIGKILL)

        database.write(Token(7, "a"), change)
        os.kill(os.getpid(), signal.SIGKILL)

    run(work)
    [(epoch,)] = sqlite3.connect(tmp_path / "x.db").execute("SELECT epoch FROM fence")
    assert (epoch, accepted(tmp_path / "x.db")) == ((-1, []) if dies == "before" else (7, [(7, "a")]))


def run(work):
    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL


def holder(path, name, epochs):
    """Takes a new epoch now and then, keeps it for too long, and writes as fast as it can."""
    database, luck = FencedDatabase(path, SCHEMA), random.Random(name)
    while True:
        with epochs.get_lock():
            epochs.value += luck.random() < 0.7  # else it believes in the epoch that somebody else has taken
            token = Token(epochs.value, name)
        for _ in range(luck.randrange(1, 40)):
            try:
                database.write(token, note(token))
            except Fenced:
                break


def stopped_and_let_go(tmp_path, work, seconds):
    """Three processes that all write, each paused now and then in the middle of whatever it does."""
    fork, path = multiprocessing.get_context("fork"), tmp_path / "x.db"
    FencedDatabase(path, SCHEMA).close()
    epochs, luck = fork.Value("i", 0), random.Random(1)
    crew = [fork.Process(target=work, args=(path, name, epochs), daemon=True) for name in "abc"]
    try:
        for one in crew:
            one.start()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            os.kill((victim := luck.choice(crew)).pid, signal.SIGSTOP)
            time.sleep(luck.random() * 0.03)
            os.kill(victim.pid, signal.SIGCONT)
    finally:
        for one in crew:
            one.kill()
            one.join()
    return accepted(path)


@pytest.mark.parametrize("seconds", [1, pytest.param(20, marks=pytest.mark.long)])
def test_processes_that_are_paused_anywhere_never_write_two_an_epoch(tmp_path, seconds):
    rows = stopped_and_let_go(tmp_path, holder, seconds)
    assert len(dict(rows)) > 1
    assert_fenced(rows)
