"""Someone who numbers puts from the own copy, without asking."""

from splitbrain import rpc
from splitbrain.course.checks import cap
from splitbrain.course.checks.cap import newest

EXERCISE = "register"
EXPECT = "figs was put last"


class Register(cap.Replica):
    async def ask(self, method, *args):
        names = [self.name, *self.peers]
        return await self.first(len(names) // 2 + 1, *[self.call(one, method, *args, timeout=200) for one in names])

    @rpc
    async def get(self, key):
        return newest(await self.ask("copy", key))[2]

    @rpc
    async def put(self, key, value):
        await self.ask("keep", key, self.held(key)[0] + 1, self.operation, value)
