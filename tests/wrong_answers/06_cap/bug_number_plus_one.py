"""Someone who names it, and gives the value a larger number with the same writer."""

from splitbrain import rpc
from splitbrain.course.checks import cap
from splitbrain.course.checks.cap import newest

EXERCISE = "bug"
EXPECT = "no single copy would tell"


bug = "c"


class Mended(cap.Suspect):
    @rpc
    async def get(self, key):
        number, writer, value = newest(await self.ask("copy", key))
        await self.ask("keep", key, number + 1, writer, value)
        return value
