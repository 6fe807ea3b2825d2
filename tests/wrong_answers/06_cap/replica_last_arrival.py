"""Someone who thinks that what comes last is the newest."""

from splitbrain import rpc
from splitbrain.course.checks import cap

EXERCISE = "replica"
EXPECT = "Something older came late"


class Replica(cap.Table):
    @rpc
    async def copy(self, key):
        return self.held(key)

    @rpc
    async def keep(self, key, number, writer, value):
        with self.transaction():
            self.write(key, number, writer, value)
