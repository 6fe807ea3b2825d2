"""Someone who lets the one that comes later win a tie."""

from splitbrain import rpc
from splitbrain.course.checks import cap

EXERCISE = "replica"
EXPECT = "same number"


class Replica(cap.Table):
    @rpc
    async def copy(self, key):
        return self.held(key)

    @rpc
    async def keep(self, key, number, writer, value):
        with self.transaction():
            if number >= self.held(key)[0]:
                self.write(key, number, writer, value)
