"""Someone who decides before the waiting, and keeps what comes without looking again."""

from splitbrain import rpc
from splitbrain.course.checks import base

EXERCISE = "anti_entropy"
EXPECT = "look again before you keep"


class Store(base.Replica):
    @rpc
    async def synchronise(self, peer):
        theirs = await self.call(peer, "versions")
        ours = self.entries()
        newer = {key: entry for key, entry in ours.items() if entry[0] > theirs.get(key, 0)}
        wanted = [key for key, version in theirs.items() if version > ours.get(key, (0, ""))[0]]
        for key, (version, value) in (await self.call(peer, "exchange", newer, wanted)).items():
            self.keep(key, version, value)

    @rpc
    async def versions(self):
        return {key: version for key, (version, _) in self.entries().items()}

    @rpc
    async def exchange(self, newer, wanted):
        for key, (version, value) in newer.items():
            self.keep(key, version, value)
        return {key: self.entries()[key] for key in wanted}
