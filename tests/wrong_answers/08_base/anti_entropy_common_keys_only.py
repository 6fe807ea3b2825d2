"""Someone who compares the keys that both have, and forgets those that one has not got."""

from splitbrain import rpc
from splitbrain.course.checks import base

EXERCISE = "anti_entropy"
EXPECT = "has not got x"


class Store(base.Replica):
    @rpc
    async def synchronise(self, peer):
        theirs = await self.call(peer, "versions")
        ours = self.entries()
        newer = {key: ours[key] for key in ours if key in theirs and ours[key][0] > theirs[key]}
        wanted = [key for key in theirs if key in ours and theirs[key] > ours[key][0]]
        self.take(await self.call(peer, "exchange", newer, wanted))

    @rpc
    async def versions(self):
        return {key: version for key, (version, _) in self.entries().items()}

    @rpc
    async def exchange(self, newer, wanted):
        self.take(newer)
        return {key: self.entries()[key] for key in wanted}

    def take(self, entries):
        for key, (version, value) in entries.items():
            if version > self.entries().get(key, (0, ""))[0]:
                self.keep(key, version, value)
