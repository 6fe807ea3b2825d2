"""Somebody who thinks that the last word counts, and pays back what is committed."""

from splitbrain import Node, rpc
from splitbrain.course.checks import two_phase_commit

EXERCISE = "participant"
EXPECT = "B is committed, and stays so"


class Participant(Node):
    def setup(self):
        two_phase_commit.open_account(self)
        self.db.execute("CREATE TABLE promise (txn TEXT PRIMARY KEY, owner TEXT, amount INTEGER, state TEXT)")

    @rpc
    async def prepare(self, txn, owner, amount):
        known = self.db.execute("SELECT state FROM promise WHERE txn = ?", (txn,)).fetchone()
        if known:
            return known[0] == "yes"
        have = self.db.execute("SELECT balance FROM account WHERE owner = ?", (owner,)).fetchone()
        locked = self.db.execute("SELECT 1 FROM promise WHERE owner = ? AND state = 'yes'", (owner,)).fetchone()
        if have is None or locked or have[0] + amount < 0:
            return False
        with self.transaction():
            self.db.execute("INSERT INTO promise VALUES (?, ?, ?, 'yes')", (txn, owner, amount))
        return True

    @rpc
    async def commit(self, txn):
        with self.transaction():
            found = self.db.execute("SELECT amount, owner FROM promise WHERE txn = ? AND state = 'yes'", (txn,))
            row = found.fetchone()
            if row:
                self.db.execute("UPDATE account SET balance = balance + ? WHERE owner = ?", row)
                self.db.execute("UPDATE promise SET state = 'committed' WHERE txn = ?", (txn,))

    @rpc
    async def abort(self, txn):
        done = self.db.execute("SELECT owner, amount FROM promise WHERE txn = ? AND state = 'committed'",
                               (txn,)).fetchone()
        if done:
            with self.transaction():
                self.db.execute("UPDATE account SET balance = balance - ? WHERE owner = ?", (done[1], done[0]))
                self.db.execute("UPDATE promise SET state = 'aborted' WHERE txn = ?", (txn,))
            return
        with self.transaction():
            self.db.execute("INSERT INTO promise VALUES (?, '', 0, 'aborted') "
                            "ON CONFLICT DO UPDATE SET state = 'aborted' WHERE state = 'yes'", (txn,))
