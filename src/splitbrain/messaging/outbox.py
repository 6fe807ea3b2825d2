"""The transactional outbox: what is to be sent is written down with the change that it tells of, and sent afterwards.

A database and a broker cannot commit together. Sent first, a message may tell of a change that is then rolled back;
sent afterwards, it may be forgotten by a process that dies in between. So the message is a row in the same
transaction, and a relay sends rows that are committed, in their order (C. Richardson, *Microservices Patterns*, 2018,
section 3.3.7).

Guaranteed: a message is sent if and only if its transaction committed, and the first sendings are in the order of the
table. Not guaranteed: that it is sent once. A relay that dies between sending and marking sends again, so the receiver
has to know a message that it has had.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

SCHEMA = """CREATE TABLE IF NOT EXISTS outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, message TEXT NOT NULL,
    sent INTEGER NOT NULL DEFAULT 0)"""


def no_failpoint(_name: str) -> None:
    """Nobody is killed here."""


class Outbox:
    """The outbox of one database.

    Parameters
    ----------
    db : sqlite3.Connection
        With ``isolation_level=None``: the caller begins and commits.

    Examples
    --------
    >>> db = sqlite3.connect(":memory:", isolation_level=None)
    >>> outbox, sent = Outbox(db), []
    >>> _ = db.execute("BEGIN IMMEDIATE")
    >>> outbox.put("stock", "reserve a lamp")
    1
    >>> outbox.relay(lambda queue, message: sent.append(message))   # nothing is committed yet
    Traceback (most recent call last):
    RuntimeError: a relay reads what is committed; a transaction is open on its connection
    >>> _ = db.execute("COMMIT")
    >>> outbox.relay(lambda queue, message: sent.append(message)), sent
    (1, ['reserve a lamp'])
    """

    def __init__(self, db: sqlite3.Connection):
        self._db = db
        db.execute(SCHEMA)

    def next_position(self) -> int:
        """The position that `put` would give now."""
        row = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'").fetchone()
        return (row[0] if row else 0) + 1

    def put(self, queue: str, message: str) -> int:
        """Write a message down, in the transaction that the caller has open; returns its position.

        Raises
        ------
        RuntimeError
            No transaction is open: the message would be committed apart from the change that it tells of.
        """
        if not self._db.in_transaction:
            raise RuntimeError("an outbox is written within the transaction of the change; none is open")
        return self._db.execute("INSERT INTO outbox (queue, message) VALUES (?, ?)", (queue, message)).lastrowid

    def waiting(self) -> list[tuple[int, str, str]]:
        """Position, queue and message of what is not known to be sent, in order."""
        return self._db.execute("SELECT position, queue, message FROM outbox WHERE sent = 0 "
                                "ORDER BY position").fetchall()

    def relay(self, send: Callable[[str, str], None], failpoint: Callable[[str], None] = no_failpoint) -> int:
        """Send what is waiting, in order, each marked after it was sent; returns how many.

        An exception from `send` ends it. Nothing after that message was sent, so the order holds.

        Raises
        ------
        RuntimeError
            A transaction is open on this connection: what it wrote is not committed and may never be.
        """
        if self._db.in_transaction:
            raise RuntimeError("a relay reads what is committed; a transaction is open on its connection")
        waiting = self.waiting()
        for position, queue, message in waiting:
            failpoint("before send")
            send(queue, message)
            failpoint("sent, not marked")
            self._db.execute("UPDATE outbox SET sent = 1 WHERE position = ?", (position,))
        return len(waiting)
