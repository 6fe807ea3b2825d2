"""Lab 12's world: the shop's database, the stream ``stock``, the database of stock, and processes that die in it."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from splitbrain.course.checks.mortal import Ended, mortal_client, run
from splitbrain.course.feedback import Wrong
from splitbrain.messaging.server import start_server

SHOP = """CREATE TABLE orders (id TEXT PRIMARY KEY, lamps INTEGER NOT NULL);
CREATE TABLE outbox (position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, lamps INTEGER NOT NULL,
                     sent INTEGER NOT NULL DEFAULT 0);
CREATE INDEX unsent ON outbox (sent, lamps);"""
STOCK = """CREATE TABLE aside (id TEXT NOT NULL, lamps INTEGER NOT NULL);
CREATE TABLE inbox (message TEXT PRIMARY KEY);"""
LEFT_OPEN = "left a transaction open"


class Bench:
    """A folder with the two databases, and a server unless no exercise needs one."""

    def __init__(self, folder: Path, server: Any = None):
        self.shop, self.stock, self.server = folder / "shop.db", folder / "stock.db", server
        self.client = server and server.client()

    def fresh(self) -> None:
        """Both databases and the stream as they were at first."""
        for path, script in ((self.shop, SHOP), (self.stock, STOCK)):
            for ending in ("", "-journal", "-wal", "-shm"):
                path.with_name(path.name + ending).unlink(missing_ok=True)
            self.write(path, script)
        if self.client:
            self.client.flushall()
            self.client.xgroup_create("stock", "stock", id="0", mkstream=True)

    def write(self, path: Path, script: str) -> None:
        with closing(_connect(path)) as db:
            db.executescript(f"BEGIN; {script} COMMIT;")

    def read(self, path: Path, query: str) -> list[tuple]:
        """What a new process finds."""
        with closing(_connect(path)) as db:
            return db.execute(query).fetchall()

    def put(self, *orders: tuple[str, int]) -> None:
        """Committed orders of the shop, whose messages wait in the outbox."""
        self.write(self.shop, "".join(f"INSERT INTO orders VALUES ('{id}', {lamps}); INSERT INTO outbox (id, lamps) "
                                      f"VALUES ('{id}', {lamps});" for id, lamps in orders))

    def deliver(self, *messages: tuple[str, int]) -> None:
        """Messages into the stream, as a relay sends them."""
        with self.client.pipeline() as pipe:
            for id, lamps in messages:
                pipe.xadd("stock", {"id": id, "lamps": lamps})
            pipe.execute()

    def sent(self) -> list[tuple[str, str]]:
        """What is in the stream, in order: id and lamps, as Redis has them."""
        return [(fields.get("id"), fields.get("lamps")) for _, fields in self.client.xrange("stock")]

    def pending(self) -> int:
        return self.client.xpending("stock", "stock")["pending"]

    def aside(self) -> list[tuple]:
        return self.read(self.stock, "SELECT id, lamps FROM aside ORDER BY rowid")

    def run(self, work: Callable[[Inside], Any], *, doing: str, deadly: int | None = None) -> Ended:
        """``work(inside)`` in a process; see `mortal.run`."""
        return run(_inside, doing=doing, deadly=deadly, inside=work, shop=self.shop, stock=self.stock,
                   url=self.server and self.server.url)


class Inside:
    """The same world, for code in a process: `point` is to be called at each moment that has a name."""

    def __init__(self, process):
        self.shop, self.stock, self.point, self._url = process.shop, process.stock, process.failpoint, process.url

    def using(self, path: Path, work: Callable[[sqlite3.Connection], Any]) -> Any:
        """What `work` returns on a connection of which each statement is a point, or `LEFT_OPEN`."""
        db = _connect(path)
        db.set_trace_callback(lambda sql: self.point(f"before `{' '.join(sql.split())[:60]}`"))
        answer = work(db)
        db.set_trace_callback(None)
        return LEFT_OPEN if db.in_transaction else answer

    def client(self, point: Callable[[str], None] | None = None) -> Any:
        """See `mortal_client`."""
        return mortal_client(self._url, point or self.point)


def _inside(process) -> Any:
    return process.inside(Inside(process))


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, timeout=5)
    db.execute("PRAGMA synchronous = OFF")      # to die is not to lose power, and a check commits hundreds of times
    return db


@contextmanager
def bench(*, redis: bool = True) -> Iterator[Bench]:
    with tempfile.TemporaryDirectory(prefix="splitbrain-check-") as folder:
        if not redis:
            yield Bench(Path(folder))
            return
        with start_server(transport="unix") as server:
            yield Bench(Path(folder), server)


def closed(answer: Any, what: str) -> Any:
    """Refuse an answer that came with a transaction still open."""
    if answer == LEFT_OPEN:
        raise Wrong(f"`{what}` returned and {LEFT_OPEN} on `db`: what it wrote is not committed, and nobody else can "
                    "write.", expected="no open transaction", got="an open one")
    return answer


def died(points: tuple[str, ...], number: int) -> str:
    """How a sentence about a death begins."""
    where = points[number] if number < len(points) else "its end"
    at = where if where.startswith(("before", "after")) else f"right before {where}"
    return f"killed {at} (its moment {number})"


def some(names: list) -> str:
    names = list(map(str, names))
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
