"""The idempotent consumer's memory: a message's effect and its id, in one transaction of the consumer's database.

>>> db = sqlite3.connect(":memory:", isolation_level=None)
>>> _ = db.execute("CREATE TABLE paid (amount INTEGER)")
>>> inbox = Inbox(db)
>>> pay = lambda db: db.execute("INSERT INTO paid VALUES (30)")
>>> inbox.once("order-7", pay), inbox.once("order-7", pay), db.execute("SELECT count(*) FROM paid").fetchone()
(True, False, (1,))
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any


class Inbox:
    """Makes one effect of a message that is delivered more than once.

    **What it promises.** Whenever the process dies, and however many processes with the same database are given the
    message at once, its effect in this database is there once or not at all; and once `once` has returned, it is.

    **What it does not.** Effects outside of this database (a mail, a call to another service) are not undone and not
    counted. It remembers for ever: whoever deletes old ids has to be sure that those messages do not come again.

    Parameters
    ----------
    db : sqlite3.Connection
        With ``isolation_level=None``, in no transaction. The table ``inbox`` is made if it is missing.

    Raises
    ------
    ValueError
        The connection begins transactions by itself.

    References
    ----------
    P. Helland, "Life beyond Distributed Transactions: an Apostate's Opinion", CIDR 2007, section 5 (activities
    remember the messages they have seen). G. Hohpe and B. Woolf, *Enterprise Integration Patterns*, 2003: Idempotent
    Receiver.
    """

    def __init__(self, db: sqlite3.Connection):
        if db.isolation_level is not None:
            raise ValueError("the inbox wants a connection with isolation_level=None: it begins its transactions")
        self.db = db
        db.execute("CREATE TABLE IF NOT EXISTS inbox (message TEXT PRIMARY KEY) WITHOUT ROWID")

    def once(self, message: str, effect: Callable[[sqlite3.Connection], Any]) -> bool:
        """Run `effect` with the connection, unless this message has had its effect; whether it ran.

        What `effect` raises comes through, after everything was rolled back: the message may be tried again.
        """
        self.db.execute("BEGIN IMMEDIATE")
        try:
            new = self.db.execute("INSERT OR IGNORE INTO inbox VALUES (?)", (message,)).rowcount == 1
            if new:
                effect(self.db)
            self.db.execute("COMMIT")
        except BaseException:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
            raise
        return new
