"""Someone who sees that both puts have the number 1."""

from splitbrain import rpc
from splitbrain.course.checks import cap
from splitbrain.course.checks.cap import newest

EXERCISE = "bug"
EXPECT = "the puts sent keep with"


bug = "d"


class Mended(cap.Suspect):
    @rpc
    async def get(self, key):
        told = newest(await self.ask("copy", key))
        await self.ask("keep", key, *told)
        return told[2]
