"""Someone who knows one bug, that of exercise 3."""

from splitbrain import rpc
from splitbrain.course.checks import cap
from splitbrain.course.checks.cap import newest

EXERCISE = "bug"
EXPECT = "messages keep were sent"


bug = "b"


class Mended(cap.Suspect):
    @rpc
    async def get(self, key):
        told = newest(await self.ask("copy", key))
        await self.ask("keep", key, *told)
        return told[2]
