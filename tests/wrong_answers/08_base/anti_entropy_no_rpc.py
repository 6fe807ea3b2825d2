"""Someone who forgets @rpc at the method that is asked for."""

from splitbrain.course.checks import base

EXERCISE = "anti_entropy"
EXPECT = "no handler synchronise"


class Store(base.Replica):
    async def synchronise(self, peer):
        pass
