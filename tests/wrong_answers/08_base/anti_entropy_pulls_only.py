"""Someone who fetches what is newer there, and leaves the other one as it is."""

from splitbrain import rpc
from splitbrain.course.checks import base

EXERCISE = "anti_entropy"
EXPECT = "n2 has not got x"


class Store(base.Replica):
    @rpc
    async def synchronise(self, peer):
        theirs = await self.call(peer, "versions")
        ours = self.entries()
        wanted = [key for key, version in theirs.items() if version > ours.get(key, (0, ""))[0]]
        for key, (version, value) in (await self.call(peer, "give", wanted)).items():
            if version > self.entries().get(key, (0, ""))[0]:
                self.keep(key, version, value)

    @rpc
    async def versions(self):
        return {key: version for key, (version, _) in self.entries().items()}

    @rpc
    async def give(self, keys):
        return {key: self.entries()[key] for key in keys}
