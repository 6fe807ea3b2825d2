"""Someone who writes the own copy, and lets the others know without waiting."""

from splitbrain import rpc
from splitbrain.course.checks import cap
from splitbrain.course.checks.cap import newest

EXERCISE = "register"
EXPECT = "Three of five nodes are down"


class Register(cap.Replica):
    async def ask(self, method, *args):
        names = [self.name, *self.peers]
        return await self.first(len(names) // 2 + 1, *[self.call(one, method, *args, timeout=200) for one in names])

    @rpc
    async def get(self, key):
        return self.held(key)[2]

    @rpc
    async def put(self, key, value):
        number = newest(await self.ask("copy", key))[0]
        await self.keep(key, number + 1, self.operation, value)
        for peer in self.peers:
            self.send(peer, "keep", key, number + 1, self.operation, value)
