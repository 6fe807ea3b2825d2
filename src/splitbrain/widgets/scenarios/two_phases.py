"""Two-phase commit with a coordinator that can go away between the phases."""

from __future__ import annotations

from splitbrain.errors import Refused, RpcTimeout
from splitbrain.node import rpc
from splitbrain.widgets.scenarios.table import Table


class TwoPhase(Table):
    """The first node coordinates. A participant that has voted yes can do nothing but wait for the outcome.

    J. Gray, "Notes on data base operating systems", 1978, section 5.8.3.3; here without presumption and without a
    recovering coordinator: whoever asks it after a crash gets no answer, for it has written nothing down.
    """

    async def start(self):
        self.role = "coordinator" if self.name == min([self.name, *self.peers]) else ""

    @rpc
    async def put(self, key, value):
        if self.role != "coordinator":
            raise Refused(f"{self.name} does not coordinate")
        try:
            votes = await self.gather(*[self.call(peer, "prepare", key, value, timeout=80) for peer in self.peers])
        except RpcTimeout:
            votes = [False]
        await self.sleep(10)  # the decision is being written down
        outcome = "commit" if all(votes) else "abort"
        await self.gather(*[self.call(peer, outcome, key, timeout=80) for peer in self.peers], return_exceptions=True)
        if outcome == "abort":
            raise Refused("a participant voted no, or did not vote")
        self.write(key, value)

    @rpc
    async def prepare(self, key, value):
        if self.in_doubt(key):
            return False
        self.write(f"{key} voted", value)
        return True

    @rpc
    async def commit(self, key):
        self.write(key, self.read(f"{key} voted"))
        self.forget(key)

    @rpc
    async def abort(self, key):
        self.forget(key)

    @rpc
    async def get(self, key):
        if self.in_doubt(key):
            raise Refused(f"{key} is locked by a transaction in doubt")
        return self.read(key)

    def in_doubt(self, key) -> bool:
        """Whether a vote was given here, and the outcome is not known: what was voted for is kept beside the value."""
        return self.read(f"{key} voted") is not None

    def forget(self, key) -> None:
        """The outcome is known: let go of the lock."""
        with self.transaction():
            self.db.execute("DELETE FROM kept WHERE key = ?", (f"{key} voted",))
