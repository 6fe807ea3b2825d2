"""Someone who trusts the network not to repeat anything."""

from splitbrain import rpc
from splitbrain.course.checks import cap
from splitbrain.course.checks.cap import newest

EXERCISE = "once"
EXPECT = "taken for another write"


class Once(cap.Atomic):
    def setup(self):
        super().setup()
        self.db.execute("CREATE TABLE asked (operation TEXT PRIMARY KEY, number)")

    def number(self):
        return self.db.execute("SELECT number FROM asked WHERE operation = ?", (self.operation,)).fetchone()

    @rpc
    async def put(self, key, value):
        number = newest(await self.ask("copy", key))[0]
        await self.ask("keep", key, number + 1, self.operation, value)
