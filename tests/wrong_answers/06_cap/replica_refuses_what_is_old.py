"""Someone who tells whoever is late so."""

from splitbrain import Refused, rpc
from splitbrain.course.checks import cap

EXERCISE = "replica"
EXPECT = "always answers"


class Replica(cap.Table):
    @rpc
    async def copy(self, key):
        return self.held(key)

    @rpc
    async def keep(self, key, number, writer, value):
        if (number, writer) < self.held(key)[:2]:
            raise Refused("there is something newer")
        with self.transaction():
            self.write(key, number, writer, value)
