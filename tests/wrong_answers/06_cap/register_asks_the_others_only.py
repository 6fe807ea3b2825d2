"""Someone who forgets that a node may ask itself, and wants a majority of all from the others."""

from splitbrain import rpc
from splitbrain.course.checks import cap
from splitbrain.course.checks.cap import newest

EXERCISE = "register"
EXPECT = "Two of five nodes are down, and the put"


class Register(cap.Replica):
    async def ask(self, method, *args):
        return await self.first(len(self.peers), *[self.call(one, method, *args, timeout=200) for one in self.peers])

    @rpc
    async def get(self, key):
        return newest(await self.ask("copy", key))[2]

    @rpc
    async def put(self, key, value):
        number = newest(await self.ask("copy", key))[0]
        await self.ask("keep", key, number + 1, self.operation, value)
