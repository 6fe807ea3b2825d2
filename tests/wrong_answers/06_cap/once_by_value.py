"""Someone who takes a value that is there already for the same put."""

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
        told = newest(await self.ask("copy", key))
        if told[2] != value:
            await self.ask("keep", key, told[0] + 1, self.operation, value)
