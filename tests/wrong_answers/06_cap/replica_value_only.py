"""Someone whose copy tells the value and forgets the tag."""

from splitbrain import rpc
from splitbrain.course.checks import cap

EXERCISE = "replica"
EXPECT = "largest tag"


class Replica(cap.Table):
    @rpc
    async def copy(self, key):
        return self.held(key)[2]

    @rpc
    async def keep(self, key, number, writer, value):
        with self.transaction():
            if (number, writer) > self.held(key)[:2]:
                self.write(key, number, writer, value)
