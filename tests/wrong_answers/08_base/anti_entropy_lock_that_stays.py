"""Someone who lets one synchronisation run at a time, and does not give the lock back when a call fails."""

from splitbrain import rpc
from splitbrain.course.checks import base

EXERCISE = "anti_entropy"
EXPECT = "A failed attempt has left something behind"


class Store(base.Replica):
    busy = False

    @rpc
    async def synchronise(self, peer):
        if self.busy:
            return
        self.busy = True
        theirs = await self.call(peer, "versions")
        ours = self.entries()
        newer = {key: entry for key, entry in ours.items() if entry[0] > theirs.get(key, 0)}
        wanted = [key for key, version in theirs.items() if version > ours.get(key, (0, ""))[0]]
        self.take(await self.call(peer, "exchange", newer, wanted))
        self.busy = False

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
