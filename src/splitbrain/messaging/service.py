"""A service: one queue, one SQLite database, and in one transaction what it read, what it changed, what it will send.

Whatever moment it is killed at, the message that it was at comes again, and is either handled as if for the first time
or known to have been handled. So each effect happens once, although messages are delivered at least once. What is not
promised: order between services, and that nobody sees one service's change before another's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from splitbrain.messaging.envelope import COMMAND, EVENT, REPLY, Envelope
from splitbrain.messaging.inbox import Inbox
from splitbrain.messaging.mailbox import Mailbox
from splitbrain.messaging.outbox import Outbox, no_failpoint

WAIT_MS = 20
SCHEMA = """
CREATE TABLE IF NOT EXISTS trace (position INTEGER PRIMARY KEY, message TEXT NOT NULL, handled INTEGER NOT NULL);
"""


class Service:
    """Base class. A subclass has a `name`, a `schema`, and a method ``on_reserve`` for each message ``reserve``.

    A handler runs inside a transaction; it uses ``self.db``, `send`, `reply`, `publish`, and nothing else that lasts.
    What no handler is for is passed over, and the trace says so.

    Parameters
    ----------
    redis : redis.Redis
        Which answers in strings.
    folder : path
        Where the database is: ``<name>.db``, this service's alone.
    space, instance : str
        See `Mailbox`.
    failpoint : callable
        Called with the name of each boundary that is passed; what it raises, or a SIGKILL there, is a death there.
    """

    name = ""
    schema = ""
    topics: tuple[str, ...] = ()

    def __init__(self, redis: Any, folder: Path | str, *, space: str = "", instance: str = "1",
                 failpoint: Callable[[str], None] = no_failpoint):
        self.failpoint, self.transactions = failpoint, 0
        self.db = sqlite3.connect(Path(folder, f"{self.name}.db"), isolation_level=None, timeout=10)
        # A killed process loses nothing that the kernel has; a service that fears for the power says FULL.
        self.db.execute("PRAGMA synchronous = OFF")
        self.inbox, self.outbox = Inbox(self.db), Outbox(self.db)
        self.db.executescript(f"BEGIN IMMEDIATE; {SCHEMA} {self.schema} COMMIT;")
        self.mailbox = Mailbox(redis, self.name, topics=self.topics, space=space, instance=instance)
        self._current: Envelope | None = None

    def step(self, wait_ms: int = 0) -> bool:
        """Send what is owed, then handle one message; False if none came within `wait_ms`."""
        self.outbox.relay(self.mailbox.send, self.failpoint)
        taken = self.mailbox.take(wait_ms)
        if taken is None:
            return False
        self.failpoint("taken")
        self._handle(Envelope.from_json(taken.text))
        self.outbox.relay(self.mailbox.send, self.failpoint)
        self.failpoint("before acknowledging")
        self.mailbox.done(taken)
        self.failpoint("acknowledged")
        return True

    def send(self, to: str, name: str, body: dict, **envelope: Any) -> None:
        """Owe a message to a queue: sent if and when this transaction commits."""
        about = self._current
        given = {"kind": COMMAND, "trace": about.trace, "cause": about.id, "sender": self.name, "to": to} | envelope
        number = self.outbox.next_position()
        self.outbox.put(to, Envelope(name=name, id=f"{self.name}-{number}", body=body, **given).to_json())

    def reply(self, name: str, body: dict) -> None:
        """Owe the answer to the message in hand, to whom it says, under the number that it had."""
        about = self._current
        self.send(about.reply_to, name, body, kind=REPLY, correlation=about.correlation)

    def publish(self, name: str, body: dict) -> None:
        """Owe an event to whoever listens."""
        self.send("events", name, body, kind=EVENT)

    def trace(self) -> list[Envelope]:
        """The messages that were handled here, each once, in order."""
        rows = self.db.execute("SELECT message FROM trace WHERE handled ORDER BY position")
        return [Envelope.from_json(text) for text, in rows]

    def close(self) -> None:
        """Let go of the database, as the operating system does when a process dies: what is open is rolled back."""
        self.db.close()

    def _handle(self, message: Envelope) -> None:
        handler = getattr(self, "on_" + message.name.replace(" ", "_"), None)

        def effect(db: sqlite3.Connection) -> None:
            self._current = message
            db.execute("INSERT INTO trace (message, handled) VALUES (?, ?)", (message.to_json(), handler is not None))
            if handler:
                handler(message)
            self.failpoint("before commit")

        self.inbox.once(message.id, effect)
        self.transactions += 1
        self.failpoint("committed")


def serve(process: Any) -> None:
    """A service as a process, until that is asked to stop: ``start(serve, kind=Payment, home=folder, space="", ...)``.

    `splitbrain.messaging.worker.start` gives it a Redis, and dies at the boundaries that it is told.
    """
    service = process.kind(process.redis, process.home, space=process.space, failpoint=process.failpoint)
    while process.running:
        service.step(WAIT_MS)
