"""Someone who names it, and writes back without a name."""

from splitbrain import rpc
from splitbrain.course.checks import cap
from splitbrain.course.checks.cap import newest

EXERCISE = "bug"
EXPECT = "under its own tag"


bug = "c"


class Mended(cap.Suspect):
    @rpc
    async def get(self, key):
        number, _, value = newest(await self.ask("copy", key))
        await self.ask("keep", key, number, "", value)
        return value
