"""Somebody who keeps promises where everything else of an object is kept."""

from splitbrain import Node, rpc
from splitbrain.course.checks import two_phase_commit

EXERCISE = "participant"
EXPECT = "A promise has to survive"


class Participant(Node):
    def setup(self):
        two_phase_commit.open_account(self)

    async def start(self):
        self.promises = {}

    @rpc
    async def prepare(self, txn, owner, amount):
        if txn in self.promises:
            return self.promises[txn] is not None
        have = self.db.execute("SELECT balance FROM account WHERE owner = ?", (owner,)).fetchone()
        locked = any(promise and promise[0] == owner for promise in self.promises.values())
        if have is None or locked or have[0] + amount < 0:
            return False
        self.promises[txn] = (owner, amount)
        return True

    @rpc
    async def commit(self, txn):
        if self.promises.get(txn):
            owner, amount = self.promises[txn]
            with self.transaction():
                self.db.execute("UPDATE account SET balance = balance + ? WHERE owner = ?", (amount, owner))
            self.promises[txn] = None

    @rpc
    async def abort(self, txn):
        self.promises[txn] = None
