"""The outbox: sent if and only if committed, in order, and again when a kill came between sending and marking."""

import sqlite3

import pytest

from splitbrain.messaging.outbox import Outbox


class Dies(BaseException):
    pass


def dies_at(number):
    passed = []

    def failpoint(name):
        passed.append(name)
        if len(passed) == number:
            raise Dies

    return failpoint, passed


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.db"


def opened(path):
    return sqlite3.connect(path, isolation_level=None)


def write(path, messages):
    db = opened(path)
    outbox = Outbox(db)
    db.execute("BEGIN IMMEDIATE")
    for message in messages:
        outbox.put("q", message)
    db.execute("COMMIT")
    db.close()


def test_killed_at_every_boundary_nothing_is_lost_and_the_order_holds(path):
    messages = list("abcd")
    for number in range(1, 9):
        path.unlink(missing_ok=True)
        write(path, messages)
        sent, (failpoint, passed) = [], dies_at(number)
        db = opened(path)
        with pytest.raises(Dies):
            Outbox(db).relay(lambda queue, message, sent=sent: sent.append(message), failpoint)
        db.close()
        db = opened(path)
        Outbox(db).relay(lambda queue, message, sent=sent: sent.append(message))
        db.close()
        assert list(dict.fromkeys(sent)) == messages                    # all, and first sendings in order
        assert len(sent) - len(messages) == (passed[-1] == "sent, not marked")


def test_what_is_rolled_back_is_never_sent(path):
    db = opened(path)
    outbox, sent = Outbox(db), []
    db.execute("BEGIN IMMEDIATE")
    outbox.put("q", "a")
    db.execute("ROLLBACK")
    assert outbox.relay(lambda *message: sent.append(message)) == 0 and sent == []


def test_a_send_that_fails_keeps_what_follows_waiting(path):
    write(path, "abc")
    db, sent = opened(path), []

    def send(_queue, message):
        if message == "b":
            raise OSError("no broker")
        sent.append(message)

    with pytest.raises(OSError):
        Outbox(db).relay(send)
    assert sent == ["a"] and [message for *_, message in Outbox(db).waiting()] == ["b", "c"]


def test_apart_from_a_transaction_nothing_is_written(path):
    with pytest.raises(RuntimeError, match="within the transaction"):
        Outbox(opened(path)).put("q", "a")


def test_a_relay_does_not_send_what_is_not_committed(path):
    db = opened(path)
    outbox = Outbox(db)
    db.execute("BEGIN IMMEDIATE")
    outbox.put("q", "a")
    with pytest.raises(RuntimeError, match="is open"):
        outbox.relay(lambda *_: None)


def test_numbers_are_not_given_again_after_rows_are_gone(path):
    write(path, "ab")
    db = opened(path)
    db.execute("DELETE FROM outbox")
    assert Outbox(db).next_position() == 3
