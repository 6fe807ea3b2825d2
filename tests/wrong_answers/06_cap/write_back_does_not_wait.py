"""Someone who writes back, and answers before it is done."""

from splitbrain import rpc
from splitbrain.course.checks import cap
from splitbrain.course.checks.cap import newest

EXERCISE = "write_back"
EXPECT = "no single copy would tell"


class Atomic(cap.Register):
    @rpc
    async def get(self, key):
        told = newest(await self.ask("copy", key))
        for name in (self.name, *self.peers):
            self.send(name, "keep", key, *told)
        return told[2]
