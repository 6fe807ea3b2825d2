"""Someone who thinks that a write needs a new number, also a write of what is there."""

from splitbrain import rpc
from splitbrain.course.checks import cap
from splitbrain.course.checks.cap import newest

EXERCISE = "write_back"
EXPECT = "no single copy would tell"


class Atomic(cap.Register):
    @rpc
    async def get(self, key):
        number, _, value = newest(await self.ask("copy", key))
        await self.ask("keep", key, number + 1, self.operation, value)
        return value
