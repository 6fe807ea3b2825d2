"""Someone who sends the keys as a set."""

from splitbrain import rpc
from splitbrain.course.checks import base

EXERCISE = "anti_entropy"
EXPECT = "set"
OUTCOME = "your code raised"


class Store(base.Replica):
    @rpc
    async def synchronise(self, peer):
        await self.call(peer, "exchange", set(self.entries()))

    @rpc
    async def exchange(self, keys):
        return {}
