"""A table of keys and values, which all the protocols here keep."""

from __future__ import annotations

from typing import Any

from splitbrain.node import Node


class Table(Node):
    """Keys and values in the node's database."""

    def setup(self):
        self.db.execute("CREATE TABLE kept (key TEXT PRIMARY KEY, value)")

    def values(self) -> dict:
        """What pictures show."""
        return dict(self.db.execute("SELECT key, value FROM kept ORDER BY key").fetchall())

    def read(self, key: str) -> Any:
        """The value here; None if there is none."""
        row = self.db.execute("SELECT value FROM kept WHERE key = ?", (key,)).fetchone()
        return row and row[0]

    def write(self, key: str, value: Any) -> None:
        """Put the value here, as a forced commit."""
        with self.transaction():
            self.db.execute("INSERT OR REPLACE INTO kept VALUES (?, ?)", (key, value))
