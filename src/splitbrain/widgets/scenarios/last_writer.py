"""Everyone takes writes at any time, the last one by the clock wins, and copies meet again: all agree, one has lost."""

from __future__ import annotations

from splitbrain.node import rpc
from splitbrain.widgets.scenarios.table import Table


class LastWriterWins(Table):
    """Writes here, and compares notes with the others every 40 ms."""

    def setup(self):
        super().setup()
        self.db.execute("CREATE TABLE written (key TEXT PRIMARY KEY, at REAL, by TEXT)")

    async def start(self):
        self.every(40, self.gossip)

    @rpc
    async def put(self, key, value):
        self.take(key, value, self.now, self.name)

    @rpc
    async def get(self, key):
        return self.read(key)

    async def gossip(self):
        for key, value, at, by in self.db.execute("SELECT key, value, at, by FROM kept JOIN written USING (key)"):
            for peer in self.peers:
                self.send(peer, "hear", key, value, at, by)

    @rpc
    async def hear(self, key, value, at, by):
        row = self.db.execute("SELECT at, by FROM written WHERE key = ?", (key,)).fetchone()
        if row is None or (at, by) > tuple(row):
            self.take(key, value, at, by)

    def take(self, key, value, at, by):
        """Hold this value, and when and by whom it was written."""
        with self.transaction():
            self.db.execute("INSERT OR REPLACE INTO kept VALUES (?, ?)", (key, value))
            self.db.execute("INSERT OR REPLACE INTO written VALUES (?, ?, ?)", (key, at, by))
