"""Someone who forgets to await the answer."""

from splitbrain import rpc
from splitbrain.course.checks import base

EXERCISE = "anti_entropy"
EXPECT = "in synchronise"
OUTCOME = "your code raised"


class Store(base.Replica):
    @rpc
    async def synchronise(self, peer):
        theirs = self.call(peer, "versions")
        newer = {key: entry for key, entry in self.entries().items() if key not in theirs or entry[0] > theirs[key]}
        wanted = [key for key, version in theirs.items() if version > self.entries().get(key, (0, ""))[0]]
        await self.call(peer, "take", newer, wanted)

    @rpc
    async def versions(self):
        return {key: version for key, (version, _) in self.entries().items()}

    @rpc
    async def take(self, entries, wanted):
        for key, (version, value) in entries.items():
            self.keep(key, version, value)
