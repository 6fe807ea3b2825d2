"""Someone who refuses what came already; the client takes the refusal for its answer."""

from splitbrain import Refused, rpc
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
            raise Refused("I have had that one")
        with self.transaction():
            self.db.execute("INSERT INTO asked VALUES (?, 0)", (self.operation,))
        number = newest(await self.ask("copy", key))[0] + 1
        await self.ask("keep", key, number, self.operation, value)
