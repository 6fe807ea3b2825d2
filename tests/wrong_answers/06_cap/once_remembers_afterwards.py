"""Someone who marks what is done when it is done: meanwhile the other copy comes."""

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
        if self.number() is None:
            number = newest(await self.ask("copy", key))[0] + 1
            await self.ask("keep", key, number, self.operation, value)
            with self.transaction():
                self.db.execute("INSERT OR IGNORE INTO asked VALUES (?, ?)", (self.operation, number))
