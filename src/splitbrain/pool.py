"""A pool of databases: what one run of a search leaves, with its tables, is where the next one begins.

A third of a short run is SQLite: a database a node is opened, given its tables, and closed. Here a connection goes
on to another life: as it stands, of a node that is restarted; after its rows are deleted, of the same node in the
next run. Its tables are there, so the ``CREATE`` statements of `Node.setup` are recognised, not executed again.

None of it may show, so a connection goes on only if nobody else holds it, and if all that it was ever asked is *plain*:
tables made by setup, then rows read and written. Whatever else a life could leave behind or find (functions, PRAGMAs,
triggers, what an open cursor still has) ends that connection with its life. If it happens in a later life, or code asks
for what only a new connection could answer (``last_insert_rowid()``, ``total_changes``), the pool is in *doubt*: what
came of the run is to be thrown away, and the run made again with databases of its own.
"""

from __future__ import annotations

import re
import sqlite3
import sys
from typing import Any

from splitbrain.storage import ROWS, Connection, Cursor, Storage, image_of

_execute = sqlite3.Connection.execute
_TELLS = re.compile(r";|changes|insert_rowid|pragma_|dbstat|sqlite_(?!master|schema)[a-z]", re.I)
_MAKES = re.compile(r"\s*CREATE (TABLE|INDEX|UNIQUE INDEX)\b(?!.*(;|\b(AS|REFERENCES)\b))", re.I | re.S)


def _is_plain(sql: Any) -> bool:
    """Whether a statement reads and writes rows, and nothing of its answer is the connection's past."""
    return isinstance(sql, str) and sql.lstrip()[:6].upper() in ROWS and not _TELLS.search(sql)


def _makes(sql: Any) -> bool:
    """Whether a statement makes an empty table or an index, and that is all."""
    return isinstance(sql, str) and _MAKES.match(sql) is not None


class PooledCursor(Cursor):
    """A cursor that notices when it outlives its node, and when it is asked what the connection's past tells, too."""

    def fetchone(self):
        if self.connection.over:
            self.connection.doubt()
        return super().fetchone()

    def fetchmany(self, *args, **options):
        if self.connection.over:
            self.connection.doubt()
        return super().fetchmany(*args, **options)

    def fetchall(self):
        if self.connection.over:
            self.connection.doubt()
        return super().fetchall()

    def __next__(self):
        if self.connection.over:
            self.connection.doubt()
        return super().__next__()

    @property
    def lastrowid(self):
        self.connection.doubt()
        return super().lastrowid


class PooledConnection(Connection):
    """A connection that may have more than one life.

    `lives` is how many it has begun, `fit` whether it may begin another. `made` are the statements that made its
    tables; `unmade`, in a later run, those that setup has yet to say again. `alone` is how many references there are to
    a connection that nobody holds.
    """

    lives, fit, over = 1, True, False
    emptying: list[str] | None = None

    def join(self, pool: Pool, alone: int) -> None:
        """Begin the first life."""
        self.pool, self.plain, self.alone = pool, pool.plain, alone
        self.made: list[str] = []
        self.unmade: list[str] = []

    def doubt(self) -> None:
        """What is done here could leave a trace; and if it is not the first life, it could find one."""
        self.fit = False
        if self.lives > 1:
            self.pool.doubt = True

    def execute(self, *args):
        try:
            known = not self.unmade and args[0] in self.plain
        except (IndexError, TypeError):  # no SQL: the base class says so
            known = True
        return super().execute(*args) if known else self._execute_unknown(args)

    def _run(self, *args):
        return sqlite3.Cursor.execute(sqlite3.Connection.cursor(self, PooledCursor), *args)

    def guarded(self, run, args):
        self._look(*args[:1])
        return super().guarded(run, args)

    def cursor(self, factory=PooledCursor):
        if factory is not PooledCursor:
            self.doubt()
        return super().cursor(factory)

    def _execute_unknown(self, args: tuple) -> Cursor:
        makes = len(args) == 1 and self.storage.quiet and not self.in_transaction
        if makes and self.unmade and args[0] == self.unmade[0]:
            self.storage.before_statement(self)
            del self.unmade[0]
            return self.cursor()  # what it makes is here
        makes = makes and self.lives == 1 and _makes(args[0])
        if not makes:
            self._look(args[0])
        cursor = super().execute(*args)
        if makes:
            self.made.append(args[0])
        return cursor

    def _look(self, sql: Any = None) -> None:
        if self.unmade or not _is_plain(sql):
            self.doubt()
        else:
            self.plain.add(sql)

    def empty(self) -> None:
        """Delete all rows."""
        if self.emptying is None:
            names = _execute(self, "SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            self.emptying = ['DELETE FROM "{}"'.format(name.replace('"', '""')) for name, in names]
        for delete in self.emptying:
            _execute(self, delete)


def _telling(name: str) -> property:
    """A member of sqlite3's connections that tells, or sets, something past the rows."""
    member = getattr(sqlite3.Connection, name)

    def get(self: PooledConnection) -> Any:
        if name != "autocommit":  # sqlite-utils reads it
            self.doubt()
        return member.__get__(self, type(self))

    def put(self: PooledConnection, value: Any) -> None:
        self.doubt()
        member.__set__(self, value)

    return property(get, put)


_WATCHED = {"execute", "executemany", "executescript", "cursor", "commit", "rollback", "in_transaction"}
for _name in set(dir(sqlite3.Connection)) - _WATCHED:
    if not _name.startswith("_") and not isinstance(getattr(sqlite3.Connection, _name), type):
        setattr(PooledConnection, _name, _telling(_name))


class _Over(PooledConnection):
    """What such a connection is after a life: as dead as if it were closed. Where it cannot be, there is doubt."""

    in_transaction = property(lambda self: False)
    over = True
    execute, guarded = Connection.execute, Connection.guarded

    def doubt(self) -> None:
        self.fit = False
        self.pool.doubt = True


class _Ended(_Over):
    """What it is once it is closed: whatever is asked of it or its cursors fails by itself."""

    over = False

    def doubt(self) -> None:
        pass


class PooledStorage(Storage):
    """A node's storage whose connections come from a pool, and go back there when the run is over."""

    def __init__(self, pool: Pool, name: str, **hooks: Any):
        super().__init__(**hooks)
        self._pool, self._name = pool, name
        self._over: list[PooledConnection] = []  # of lives that have ended; what the last one left is in its database

    def _connect(self) -> Connection:
        if self._image is not None:  # a life has ended whose end is an image, not a connection's database
            return super()._connect()
        if not self._over:
            return self._pool.take(self._name)
        if is_free(self._over):
            return again(self._over.pop())
        self._image = image_of(self._over[-1])
        _end(self._over.pop())
        return super()._connect()

    def _leave(self, connection: Connection, left: bytes | None, kind: str) -> None:
        if connection.__class__ is not PooledConnection:
            super()._leave(connection, left, kind)
            return
        connection.__class__ = _Over
        self._over.append(connection)
        self._image = left

    def close(self) -> None:
        super().close()
        while self._over:
            self._pool.give_back(self._name, self._over)


class Pool:
    """Connections that wait for the next run, by the name of their node. Use it in a ``with`` block, which closes them.

    Attributes
    ----------
    doubt : bool
        Whether a run may have noticed that its databases were not new; then the pool is of no use any more.
    plain : set of str
        Statements that have been looked at, and leave no trace.
    """

    def __init__(self):
        self.doubt = False
        self.plain: set[str] = set()
        self._kept: dict[str, list[PooledConnection]] = {}
        self._unfit: set[str] = set()  # names whose nodes do more than what is plain: nothing would be gained

    def storage(self, name: str, **hooks: Any) -> Storage:
        """The storage of a node of this name."""
        return Storage(**hooks) if name in self._unfit else PooledStorage(self, name, **hooks)

    def take(self, name: str) -> PooledConnection:
        """A connection to a database without rows."""
        if self._kept.get(name):
            connection = again(self._kept[name].pop())
            connection.unmade = connection.made[:]
            return connection
        new = [sqlite3.connect(":memory:", factory=PooledConnection, isolation_level=None)]
        alone = _references(new)
        new[0].join(self, alone)
        return new[0]

    def give_back(self, name: str, over: list[PooledConnection]) -> None:
        """Keep the last of these, or end it."""
        if not over[-1].fit:
            self._unfit.add(name)
        if is_free(over):
            over[-1].empty()
            self._kept.setdefault(name, []).append(over.pop())
        else:
            _end(over.pop())

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: Any) -> None:
        for kept in self._kept.values():
            while kept:
                _end(kept.pop())
        self.plain.clear()


def again(connection: PooledConnection) -> PooledConnection:
    """Begin another life."""
    connection.__class__ = PooledConnection
    connection.lives += 1
    return connection


def _end(connection: PooledConnection) -> None:
    sqlite3.Connection.close(connection)
    connection.__class__ = _Ended


def is_free(over: list[PooledConnection]) -> bool:
    """Whether the last of these is fit for another life, and nobody but this list holds it: no cursor, no old code."""
    return over[-1].fit and _references(over) == over[-1].alone


def _references(connections: list) -> int:
    return sys.getrefcount(connections[-1])
