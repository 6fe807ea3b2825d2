"""Someone who lets a get hear everyone, so that it cannot miss anything."""

from splitbrain import rpc
from splitbrain.course.checks import cap
from splitbrain.course.checks.cap import newest

EXERCISE = "write_back"
EXPECT = "A majority holds the last value"


class Atomic(cap.Register):
    @rpc
    async def get(self, key):
        names = [self.name, *self.peers]
        told = await self.gather(*[self.call(name, "copy", key, timeout=200) for name in names])
        return newest(told)[2]
