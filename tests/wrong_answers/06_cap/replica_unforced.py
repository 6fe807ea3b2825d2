"""Someone who has read that forced writes are slow."""

from splitbrain import rpc
from splitbrain.course.checks import cap

EXERCISE = "replica"
EXPECT = "is gone after the power was"


class Replica(cap.Table):
    @rpc
    async def copy(self, key):
        return self.held(key)

    @rpc
    async def keep(self, key, number, writer, value):
        with self.transaction(forced=False):
            if (number, writer) > self.held(key)[:2]:
                self.write(key, number, writer, value)
