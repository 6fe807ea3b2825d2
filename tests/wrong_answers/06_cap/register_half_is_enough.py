"""Someone who rounds down: half of the nodes."""

from splitbrain import rpc
from splitbrain.course.checks import cap
from splitbrain.course.checks.cap import newest

EXERCISE = "register"
EXPECT = "left"


class Register(cap.Replica):
    async def ask(self, method, *args):
        names = [self.name, *self.peers]
        return await self.first(len(names) // 2, *[self.call(one, method, *args, timeout=200) for one in names])

    @rpc
    async def get(self, key):
        return newest(await self.ask("copy", key))[2]

    @rpc
    async def put(self, key, value):
        number = newest(await self.ask("copy", key))[0]
        await self.ask("keep", key, number + 1, self.operation, value)
