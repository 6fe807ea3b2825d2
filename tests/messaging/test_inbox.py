"""An effect and the message's name are one transaction."""

import sqlite3

import pytest

from splitbrain.messaging.inbox import Inbox


@pytest.fixture
def db(tmp_path):
    db = sqlite3.connect(tmp_path / "worker.db", isolation_level=None)
    db.execute("CREATE TABLE effect (message TEXT)")
    yield db
    db.close()


def effects(db):
    return [name for name, in db.execute("SELECT message FROM effect ORDER BY rowid")]


def effect(name):
    return lambda db: db.execute("INSERT INTO effect VALUES (?)", (name,))


def test_a_message_has_its_effect_once_whoever_opens_the_file(db, tmp_path):
    assert [Inbox(db).once(name, effect(name)) for name in "aba"] == [True, True, False]
    other = sqlite3.connect(tmp_path / "worker.db", isolation_level=None)
    assert not Inbox(other).once("b", effect("b"))
    other.close()
    assert effects(db) == ["a", "b"] and not db.in_transaction


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_effect_that_fails_leaves_nothing_and_may_be_tried_again(db, error):
    def fails(db):
        effect("a")(db)
        raise error

    with pytest.raises(error):
        Inbox(db).once("a", fails)
    assert effects(db) == [] and not db.in_transaction
    assert Inbox(db).once("a", effect("a"))


def test_what_dies_before_the_commit_leaves_neither_of_the_two(db, tmp_path):
    def dies(db):
        effect("a")(db)
        other = sqlite3.connect(tmp_path / "worker.db")
        assert other.execute("SELECT count(*) FROM effect, inbox").fetchone() == (0,)
        assert other.execute("SELECT count(*) FROM inbox").fetchone() == (0,)
        other.close()

    db.execute("PRAGMA journal_mode = wal")
    assert Inbox(db).once("a", dies)


def test_a_connection_that_begins_by_itself_is_refused(tmp_path):
    with pytest.raises(ValueError, match="isolation_level=None"):
        Inbox(sqlite3.connect(tmp_path / "other.db"))
