"""Someone who sends what is newer here, and never asks for what is newer there."""

from splitbrain import rpc
from splitbrain.course.checks import base

EXERCISE = "anti_entropy"
EXPECT = "n1 has not got x"


class Store(base.Replica):
    @rpc
    async def synchronise(self, peer):
        theirs = await self.call(peer, "versions")
        newer = {key: entry for key, entry in self.entries().items() if entry[0] > theirs.get(key, 0)}
        await self.call(peer, "take", newer)

    @rpc
    async def versions(self):
        return {key: version for key, (version, _) in self.entries().items()}

    @rpc
    async def take(self, entries):
        for key, (version, value) in entries.items():
            if version > self.entries().get(key, (0, ""))[0]:
                self.keep(key, version, value)
