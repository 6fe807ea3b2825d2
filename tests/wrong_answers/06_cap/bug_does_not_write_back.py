"""Someone who names it, and mends it by writing nothing back."""

from splitbrain import rpc
from splitbrain.course.checks import cap
from splitbrain.course.checks.cap import newest

EXERCISE = "bug"
EXPECT = "under its own tag"


bug = "c"


class Mended(cap.Suspect):
    @rpc
    async def get(self, key):
        return newest(await self.ask("copy", key))[2]
