"""Someone who has given a handler one name and calls it by another."""

from splitbrain import rpc
from splitbrain.course.checks import base

EXERCISE = "anti_entropy"
EXPECT = "has no handler 'take'"


class Store(base.Replica):
    @rpc
    async def synchronise(self, peer):
        theirs = await self.call(peer, "versions")
        await self.call(peer, "take", {key: entry for key, entry in self.entries().items()
                                       if entry[0] > theirs.get(key, 0)})

    @rpc
    async def versions(self):
        return {key: version for key, (version, _) in self.entries().items()}

    @rpc
    async def takes(self, entries):
        for key, (version, value) in entries.items():
            self.keep(key, version, value)
