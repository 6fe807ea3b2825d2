"""Someone who says Refused where nobody knows: the value is on its way, or on a minority."""

from splitbrain import Refused, RpcError, rpc
from splitbrain.course.checks import cap
from splitbrain.course.checks.cap import newest

EXERCISE = "register"
EXPECT = "says for certain"


class Register(cap.Replica):
    async def ask(self, method, *args):
        names = [self.name, *self.peers]
        try:
            return await self.first(len(names) // 2 + 1, *[self.call(one, method, *args, timeout=200) for one in names])
        except RpcError as error:
            raise Refused("no majority") from error

    @rpc
    async def get(self, key):
        return newest(await self.ask("copy", key))[2]

    @rpc
    async def put(self, key, value):
        number = newest(await self.ask("copy", key))[0]
        await self.ask("keep", key, number + 1, self.operation, value)
