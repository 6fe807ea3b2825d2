"""One node decides, the others follow: what is lost and what is old when its copies come late."""

from __future__ import annotations

from splitbrain.errors import Refused
from splitbrain.node import rpc
from splitbrain.widgets.scenarios.table import Table


class LazyPrimary(Table):
    """The first node takes all writes, answers at once, and tells the others afterwards. Anyone answers reads."""

    async def start(self):
        self.role = "primary" if self.name == min([self.name, *self.peers]) else "replica"

    @rpc
    async def put(self, key, value):
        if self.role != "primary":
            raise Refused(f"{self.name} is no primary")
        self.write(key, value)
        for peer in self.peers:
            self.send(peer, "copy", key, value)

    @rpc
    async def copy(self, key, value):
        self.write(key, value)

    @rpc
    async def get(self, key):
        return self.read(key)


class Failover(LazyPrimary):
    """The same, with a successor: the second node becomes primary when it has heard none for 60 ms. If the old one is
    not dead but cut off, there are two.
    """

    async def start(self):
        await super().start()
        self.heard = self.now
        self.every(20, self.beat)

    async def beat(self):
        if self.role == "primary":
            for peer in self.peers:
                self.send(peer, "heartbeat")
        elif self.name == sorted([self.name, *self.peers])[1] and self.now - self.heard > 60:
            self.role = "primary"

    @rpc
    async def heartbeat(self):
        self.heard = self.now
