"""A database that checks who writes: the fencing token, compared where the write happens, in the write's transaction.

A lease, or a route, tells a process that it may write. It cannot stop one that was told so, fell asleep, and wakes up
after somebody else has been told the same. Only the resource can: it remembers the highest epoch that it has accepted a
write of, and who wrote it, and refuses what is older, or is another's.

M. Burrows, "The Chubby lock service for loosely-coupled distributed systems", OSDI 2006, section 2.4, calls the token a
*sequencer*.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS fence (only INTEGER PRIMARY KEY CHECK (only = 1), epoch INTEGER NOT NULL, holder TEXT);
INSERT OR IGNORE INTO fence VALUES (1, -1, NULL);
"""
# A first write of an epoch takes it; a second holder of the same epoch changes no row.
TAKE = "UPDATE fence SET epoch = :epoch, holder = :holder WHERE epoch < :epoch OR (epoch = :epoch AND holder = :holder)"


class Fenced(RuntimeError):  # noqa: N818  (no error: a refusal)
    """The write was refused, and nothing was changed: a later epoch has written, or somebody else in this one."""


@dataclass(frozen=True)
class Token:
    """What a write is shown with: an epoch, and who holds it.

    The epoch alone is not enough where two may come to the same one: two routers that follow the same failover do.
    """

    epoch: int
    holder: str


class FencedDatabase:
    """A SQLite database in which every write shows a token.

    Guaranteed: the epochs of accepted writes never go back, and all of one epoch are of one holder, whoever else
    believes that it is his, however long it slept, and whatever died in between. Not guaranteed: that reads are of
    the latest epoch; nor anything about a second copy of this database, which has a fence of its own.

    Price: one UPDATE more in each transaction.

    Parameters
    ----------
    path : path
    schema : str
        SQL that makes the tables, if they are not there.

    Examples
    --------
    >>> database = FencedDatabase(":memory:", "CREATE TABLE x (value)")
    >>> database.write(Token(1, "a"), lambda db: db.execute("INSERT INTO x VALUES (1)").rowcount)
    1
    >>> database.write(Token(2, "b"), lambda db: db.execute("INSERT INTO x VALUES (2)").rowcount)
    1
    >>> database.write(Token(1, "a"), lambda db: db.execute("INSERT INTO x VALUES (3)"))
    Traceback (most recent call last):
    splitbrain.messaging.fencing.Fenced: epoch 1 of a is over: epoch 2 of b has written
    """

    def __init__(self, path: Path | str, schema: str = ""):
        self.db = sqlite3.connect(path, isolation_level=None, timeout=10)
        self.db.executescript(f"BEGIN IMMEDIATE; {SCHEMA} {schema}; COMMIT;")

    def write(self, token: Token, change: Callable[[sqlite3.Connection], Any]) -> Any:
        """Check the token and change the database, in one transaction; what `change` returns.

        Raises
        ------
        Fenced
            The token is not good any more. `change` was not called.
        """
        self.db.execute("BEGIN IMMEDIATE")
        try:
            self._take(token)
            result = change(self.db)
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")
        return result

    def close(self) -> None:
        """Let go of the file."""
        self.db.close()

    def _take(self, token: Token) -> None:
        if not self.db.execute(TAKE, {"epoch": token.epoch, "holder": token.holder}).rowcount:
            epoch, holder = self.db.execute("SELECT epoch, holder FROM fence").fetchone()
            raise Fenced(f"epoch {token.epoch} of {token.holder} is over: epoch {epoch} of {holder} has written")
