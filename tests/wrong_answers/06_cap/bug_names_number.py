"""Someone who sees that both puts have the number 1, and thinks that nobody asked."""

from splitbrain import rpc
from splitbrain.course.checks import cap
from splitbrain.course.checks.cap import newest

EXERCISE = "bug"
EXPECT = "before it sent keep"


bug = "e"


class Mended(cap.Suspect):
    @rpc
    async def get(self, key):
        told = newest(await self.ask("copy", key))
        await self.ask("keep", key, *told)
        return told[2]
