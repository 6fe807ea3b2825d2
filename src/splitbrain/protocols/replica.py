"""What registers are made of: a copy of every value, tagged, and a memory of what was asked.

A *tag* says which of two values is the newer: a number, and the operation that wrote it, for two may choose the same
number. Every node keeps the value with the largest tag it has heard of, so copies may arrive late, twice or in any
order, and whoever has heard the same holds the same.
"""

from __future__ import annotations

from typing import Any

from splitbrain.node import Node, rpc


class Replica(Node):
    """Holds one copy of each key's value, the one with the largest tag. By itself it answers no client.

    Values are what one column of SQLite can hold: None, numbers, text, bytes. Two forced writes a client's put: what
    the operation was numbered, where it was asked, and the value, in each copy.

    Notes
    -----
    A network may deliver a request twice, and the second time long after the first was answered. A put that were
    then numbered anew would undo whatever was put in between: so the first decision about an operation is kept, and is
    the answer ever after. It is kept for good. To forget it takes a client that says up to where it has been answered
    (C. Lee et al., "Implementing Linearizability at Large Scale and Low Latency", SOSP 2015).
    """

    def setup(self):
        self.db.execute("CREATE TABLE copy (key TEXT PRIMARY KEY, value, number, writer TEXT)")
        self.db.execute("CREATE TABLE asked (operation TEXT PRIMARY KEY, number)")

    def held(self, key: str) -> tuple[float, str, Any]:
        """``(number, writer, value)`` of this copy; ``(0, "", None)`` before the first."""
        row = self.db.execute("SELECT number, writer, value FROM copy WHERE key = ?", (key,)).fetchone()
        return row or (0, "", None)

    @rpc
    async def copy(self, key):
        """What this copy holds."""
        return self.held(key)

    @rpc
    async def keep(self, key, number, writer, value):
        """Hold this value, unless a newer one is here; on disk when it is answered."""
        with self.transaction():
            self.merge(key, number, writer, value)

    def merge(self, key: str, number: float, writer: str, value: Any) -> None:
        """The larger tag stays. Within a transaction."""
        self.db.execute("INSERT INTO copy VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
                        "value = excluded.value, number = excluded.number, writer = excluded.writer "
                        "WHERE (excluded.number, excluded.writer) > (number, writer)", (key, value, number, writer))

    def decided(self, operation: str) -> tuple[float | None] | None:
        """``(number,)`` that an operation was given, ``(None,)`` if it was refused; None if it is undecided."""
        return self.db.execute("SELECT number FROM asked WHERE operation = ?", (operation,)).fetchone()

    def decide(self, operation: str, number: float | None) -> None:
        """Number an operation, or refuse it (None): the first decision stands. Within a transaction."""
        self.db.execute("INSERT OR IGNORE INTO asked VALUES (?, ?)", (operation, number))
