"""Someone who sends whatever differs, by put: an older version is written over a newer one."""

from splitbrain import rpc
from splitbrain.course.checks import base

EXERCISE = "anti_entropy"
EXPECT = "over it"


class Store(base.Replica):
    @rpc
    async def synchronise(self, peer):
        theirs = await self.call(peer, "versions")
        ours = self.entries()
        for key, (version, value) in ours.items():
            if theirs.get(key) != version:
                await self.call(peer, "put", key, version, value)
        missing = [key for key in theirs if key not in ours]
        for key, (version, value) in (await self.call(peer, "give", missing)).items():
            self.keep(key, version, value)

    @rpc
    async def versions(self):
        return {key: version for key, (version, _) in self.entries().items()}

    @rpc
    async def give(self, keys):
        return {key: self.entries()[key] for key in keys}
