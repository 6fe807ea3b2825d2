"""Someone who suspects the count of the majority."""

from splitbrain import rpc
from splitbrain.course.checks import cap
from splitbrain.course.checks.cap import newest

EXERCISE = "bug"
EXPECT = "waits for both of them"


bug = "a"


class Mended(cap.Suspect):
    @rpc
    async def get(self, key):
        told = newest(await self.ask("copy", key))
        await self.ask("keep", key, *told)
        return told[2]
