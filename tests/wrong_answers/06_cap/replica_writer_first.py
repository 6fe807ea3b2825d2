"""Someone who compares the parts of the tag in the wrong order."""

from splitbrain import rpc
from splitbrain.course.checks import cap

EXERCISE = "replica"
EXPECT = "largest tag"


class Replica(cap.Table):
    @rpc
    async def copy(self, key):
        return self.held(key)

    @rpc
    async def keep(self, key, number, writer, value):
        with self.transaction():
            if (writer, number) > (self.held(key)[1], self.held(key)[0]):
                self.write(key, number, writer, value)
