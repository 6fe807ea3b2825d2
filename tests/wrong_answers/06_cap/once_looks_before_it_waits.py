"""Someone who forgets that the other copy runs while this one waits: its number is replaced."""

from splitbrain import rpc
from splitbrain.course.checks import cap
from splitbrain.course.checks.cap import newest

EXERCISE = "once"
EXPECT = "no single copy would tell"


class Once(cap.Atomic):
    def setup(self):
        super().setup()
        self.db.execute("CREATE TABLE asked (operation TEXT PRIMARY KEY, number)")

    def number(self):
        return self.db.execute("SELECT number FROM asked WHERE operation = ?", (self.operation,)).fetchone()

    @rpc
    async def put(self, key, value):
        known = self.number()
        if known is None:
            known = (newest(await self.ask("copy", key))[0] + 1,)
            with self.transaction():
                self.db.execute("INSERT OR REPLACE INTO asked VALUES (?, ?)", (self.operation, known[0]))
        await self.ask("keep", key, known[0], self.operation, value)
