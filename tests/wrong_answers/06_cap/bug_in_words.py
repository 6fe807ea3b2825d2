"""Someone who names it in words."""

from splitbrain import rpc
from splitbrain.course.checks import cap
from splitbrain.course.checks.cap import newest

EXERCISE = "bug"
EXPECT = "by its letter"


bug = "the tag"


class Mended(cap.Suspect):
    @rpc
    async def get(self, key):
        told = newest(await self.ask("copy", key))
        await self.ask("keep", key, *told)
        return told[2]
