"""Someone for whom the second copy has nothing to do but to say that it is done."""

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
        if self.number() is not None:
            return
        number = newest(await self.ask("copy", key))[0] + 1
        with self.transaction():
            self.db.execute("INSERT OR IGNORE INTO asked VALUES (?, ?)", (self.operation, number))
        await self.ask("keep", key, self.number()[0], self.operation, value)
