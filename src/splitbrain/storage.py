"""One SQLite database a node: transactions, crashes, recovery, and the count of forced writes.

A commit is *forced* (it waits for the disk) or not, as a database's log records are. A process crash keeps every
commit, for the kernel has them. A power crash keeps what was forced, and every commit before a forced one. So a
protocol that forgets to force a record fails its sweep.

The database is SQLite itself, in memory for exploring and in a file when a lesson says so. What a power cut leaves
is modelled one level above the disk: the database goes back to its last forced commit. (`splitbrain.powercut` is
the model of the disk itself.)
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from splitbrain.errors import Crash, Misuse

_execute = sqlite3.Connection.execute  # past everything that is here
_total_changes = sqlite3.Connection.total_changes.__get__
ROWS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "REPLAC"})  # statements that begin so change only rows


class Cursor(sqlite3.Cursor):
    """A cursor each of whose statements is a possible crash point."""

    def execute(self, *args):
        return self.connection.guarded(super().execute, args)

    def executemany(self, *args):
        return self.connection.guarded(super().executemany, args)

    def executescript(self, *args):
        self.connection.storage.refuse_script(self.connection)
        return self.connection.guarded(super().executescript, args)


class Connection(sqlite3.Connection):
    """A connection that asks its `Storage` before every statement: the node may be dead, or die here."""

    storage: Storage
    _run = sqlite3.Connection.execute

    def guarded(self, run: Callable, args: tuple) -> Any:
        storage = self.storage
        storage.before_statement(self)
        try:
            result = run(*args)
        except sqlite3.Error:
            storage.after_statement(self, "ROLLBACK")  # as some errors do by themselves
            raise
        storage.after_statement(self, args[0])
        return result

    def cursor(self, factory=Cursor):
        return super().cursor(factory)

    def execute(self, *args):  # as `guarded`, written out: there are more of these than of anything else
        storage = self.storage
        storage.before_statement(self)
        try:
            result = self._run(*args)
        except sqlite3.Error:
            storage.after_statement(self, "ROLLBACK")
            raise
        storage.after_statement(self, args[0])
        return result

    def executemany(self, *args):
        return self.guarded(super().executemany, args)

    def executescript(self, *args):
        self.storage.refuse_script(self)
        return self.guarded(super().executescript, args)

    # What the base class would do past our eyes.

    def commit(self):
        return self.guarded(lambda _: super(Connection, self).commit(), ("COMMIT",))

    def rollback(self):
        return self.guarded(lambda _: super(Connection, self).rollback(), ("ROLLBACK",))

    def __exit__(self, kind, error, trace):
        if kind is None:
            self.commit()
        else:
            self.rollback()


class _Dead(Connection):
    """What a connection becomes when its node dies: asking it anything is no error that could hide the `Crash`."""

    in_transaction = property(lambda self: False)


class Storage:
    """What of a node survives its crashes.

    Parameters
    ----------
    path : Path or None
        The database's file; None keeps it in memory.
    active : callable
        Whether it is code of this node that runs now.
    point : callable
        Called before each statement and commit of node code; may crash the node and raise `Crash`.
    committed : callable
        Called with ``forced`` after each commit of node code.

    Attributes
    ----------
    transactions, forced_writes : int
        Commits so far, and those that were forced.
    """

    def __init__(self, path: Path | None = None, *, active: Callable[[], bool] = lambda: True,
                 point: Callable[[], None] = lambda: None, committed: Callable[[bool], None] = lambda forced: None):
        self.path = path
        self.transactions = self.forced_writes = 0
        self.connection: Connection | None = None
        self.database: Any = None
        self.muted = False
        self._active = active
        self._point, self._committed = point, committed
        self._image: bytes | None = None  # the database in memory while no connection is open
        self._durable: bytes | None = None  # as of the last forced commit, where later ones were not forced
        self._seen = (0, 0)  # what the last commit left: rows ever changed, version of the schema
        self._other = False  # whether a statement since then may have changed more than rows
        self._depth = 0
        self._opened = False

    @property
    def quiet(self) -> bool:
        """Whether this is not node code: what setup, cells and checkers do is no crash point and costs nothing."""
        return self.muted or not self._active()

    @property
    def fresh(self) -> bool:
        """Whether nothing has ever been opened here."""
        return not self._opened

    def open(self) -> Connection:
        """Connect, with whatever survived."""
        connection = self._connect()
        connection.storage = self
        _execute(connection, "PRAGMA foreign_keys = ON")
        self.connection, self.database, self._opened = connection, None, True
        self._seen, self._other = (0, 0), True
        self._seen = self._state(connection)
        return connection

    def _connect(self) -> Connection:
        target = ":memory:" if self.path is None else str(self.path)
        connection = sqlite3.connect(target, factory=Connection, isolation_level=None)
        if self.path is not None:
            _execute(connection, "PRAGMA journal_mode = WAL")
            _execute(connection, "PRAGMA synchronous = FULL")
        elif self._image:
            connection.deserialize(self._image)
        return connection

    def as_database(self) -> Any:
        """The connection as a `sqlite_utils.Database`."""
        if self.database is None:
            import sqlite_utils  # 0.2 s, paid by those who use it

            self.before_statement(self.connection)  # what sqlite-utils begins with is a crash point, as it always was
            _execute(self.connection, "PRAGMA recursive_triggers = ON")
            # Plugins that happen to be installed here would make this run another one than elsewhere.
            self.database = sqlite_utils.Database(self.connection, recursive_triggers=False, execute_plugins=False)
        return self.database

    def before_statement(self, connection: Connection) -> None:
        if connection is not self.connection:
            raise Crash("this node has crashed; its database is not its own any more")
        if not self.muted and self._active():
            self._point()

    def after_statement(self, connection: Connection, sql: str) -> None:
        """Notice a commit that did not go through `transaction`: a statement on its own, or an SQL COMMIT."""
        if connection is not self.connection:
            return
        self._other |= sql[:6].upper() not in ROWS or ";" in sql
        if self._depth or connection.in_transaction:
            return
        before, self._seen = self._seen, self._state(connection)
        if before == self._seen or sql.lstrip()[:8].upper() == "ROLLBACK":
            return
        self._durable = None  # such a commit is forced, and with it all before
        if not self.quiet:
            self._count(forced=True)

    def _state(self, connection: Connection) -> tuple[int, int]:
        """What differs after a commit that did anything: rows ever changed, version of the schema."""
        version = self._seen[1]
        if self._other:
            version = _execute(connection, "PRAGMA schema_version").fetchone()[0]
            self._other = False
        return _total_changes(connection), version

    def refuse_script(self, connection: Connection) -> None:
        """sqlite3's executescript begins with a COMMIT of its own, which would end our transaction."""
        if connection is self.connection and connection.in_transaction:
            raise Misuse("executescript would commit the transaction that is open: execute its statements one by one")

    def transaction(self, *, forced: bool = True) -> Transaction:
        """``with storage.transaction():`` BEGIN IMMEDIATE ... COMMIT; ROLLBACK if the block raises."""
        return Transaction(self, forced)

    def begin(self, connection: Connection, forced: bool) -> None:
        self.before_statement(connection)
        if connection.in_transaction:
            raise Misuse("a transaction is open already: transactions do not nest, so do all of it in one")
        if not forced and self._durable is None:
            self._durable = image_of(connection)
        _execute(connection, "BEGIN IMMEDIATE")
        self._depth = 1

    def commit(self, forced: bool) -> None:
        connection = self.connection
        if not self.quiet:
            self._point()
        _execute(connection, "COMMIT")
        self._depth = 0
        self._seen = self._state(connection)
        if forced:
            self._durable = None
        if not self.quiet:
            self._count(forced)

    def rollback(self) -> None:
        self._depth = 0
        if self.connection is not None and self.connection.in_transaction:
            _execute(self.connection, "ROLLBACK")
            self._seen = self._state(self.connection)

    def force(self) -> None:
        """Wait for the disk: every commit so far now survives a power crash. One forced write."""
        if self.connection.in_transaction:
            raise Misuse("force() inside a transaction would not keep it: commit first")
        if not self.quiet:
            self._point()
            self.forced_writes += 1
        self._durable = None

    def _count(self, forced: bool) -> None:
        self.transactions += 1
        self.forced_writes += forced
        self._committed(forced)

    def crash(self, kind: str) -> None:
        """Roll back what is open; keep all commits (process), forced ones (power), none (closed); disconnect."""
        connection = self.connection
        if connection is None:
            return
        self.rollback()
        left = None  # None: all of it
        if kind == "power":  # after the death of a process alone, what was not forced is still at risk
            left, self._durable = self._durable, None
        self.connection = self.database = None
        self._leave(connection, left, kind)

    def _leave(self, connection: Connection, left: bytes | None, kind: str) -> None:
        """Disconnect, and keep what is left for the next life: all of it if `left` is None."""
        if self.path is None and kind != "closed":
            self._image = left if left is not None else image_of(connection)
        connection.close()
        connection.__class__ = _Dead
        if self.path is not None and left is not None:
            for suffix in ("-wal", "-shm"):
                Path(f"{self.path}{suffix}").unlink(missing_ok=True)
            self.path.write_bytes(left)

    def close(self) -> None:
        """Disconnect for good."""
        connection, self.connection, self.database = self.connection, None, None
        if connection is not None:
            sqlite3.Connection.close(connection)


def new_file(folder: str | Path, name: str) -> Path:
    """Where a node's database will be.

    Raises
    ------
    Misuse
        If there is one already.
    """
    path = Path(folder) / f"{name}.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        raise Misuse(f"{path} exists: a cluster begins with empty databases, so give it a new folder")
    return path


def image_of(connection: Connection) -> bytes:
    """The database as bytes; empty if nothing was ever written (SQLite will not serialise that)."""
    pages = _execute(connection, "PRAGMA page_count").fetchone()[0]
    return sqlite3.Connection.serialize(connection) if pages else b""


class Transaction:
    """The context manager behind `Node.transaction`."""

    __slots__ = ("storage", "forced", "connection")

    def __init__(self, storage: Storage, forced: bool):
        self.storage, self.forced = storage, forced
        self.connection = storage.connection  # of this life of the node: in another it may not be entered

    def __enter__(self) -> Connection:
        self.storage.begin(self.connection, self.forced)
        return self.connection

    def __exit__(self, kind: type | None, error: BaseException | None, trace: Any) -> None:
        if self.connection is not self.storage.connection:
            return  # the node crashed in here; the crash has rolled back
        if error is not None:
            self.storage.rollback()
            return
        try:
            self.storage.commit(self.forced)
        except sqlite3.Error:
            self.storage.rollback()
            raise
