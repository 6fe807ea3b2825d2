"""Someone who makes one text of the tag: 10 comes before 2."""

from splitbrain import rpc
from splitbrain.course.checks import cap

EXERCISE = "replica"
EXPECT = "was not kept"


class Replica(cap.Table):
    @rpc
    async def copy(self, key):
        return self.held(key)

    @rpc
    async def keep(self, key, number, writer, value):
        old = self.held(key)
        with self.transaction():
            if f"{number} {writer}" > f"{old[0]} {old[1]}" or old[0] == 0:
                self.write(key, number, writer, value)
