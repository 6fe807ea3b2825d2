"""Someone who sees no reason: two majorities share a node anyway."""

from splitbrain import rpc
from splitbrain.course.checks import cap
from splitbrain.course.checks.cap import newest

EXERCISE = "write_back"
EXPECT = "no single copy would tell"


class Atomic(cap.Register):
    @rpc
    async def get(self, key):
        return newest(await self.ask("copy", key))[2]
