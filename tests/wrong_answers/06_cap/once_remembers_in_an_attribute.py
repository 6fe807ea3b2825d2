"""Someone whose memory is gone after a crash."""

from splitbrain import rpc
from splitbrain.course.checks import cap
from splitbrain.course.checks.cap import newest

EXERCISE = "once"
EXPECT = "taken for another write"


class Once(cap.Atomic):
    async def start(self):
        self.numbers = {}

    @rpc
    async def put(self, key, value):
        if self.operation not in self.numbers:
            number = newest(await self.ask("copy", key))[0] + 1
            self.numbers.setdefault(self.operation, number)
        await self.ask("keep", key, self.numbers[self.operation], self.operation, value)
