"""Somebody who thinks that what is not decided is aborted, and is asked before the votes are all there."""

from splitbrain import Node, rpc

EXERCISE = "coordinator"
EXPECT = "n2 has voted, and"


class Coordinator(Node):
    def setup(self):
        self.db.execute("CREATE TABLE log (txn TEXT PRIMARY KEY, decision TEXT)")

    async def start(self):
        self.collecting = set()

    @rpc
    async def transfer(self, txn, moves):
        self.collecting.add(txn)
        calls = [self.call(node, "prepare", txn, owner, amount, timeout=50) for node, owner, amount in moves]
        votes = await self.gather(*calls, return_exceptions=True)
        outcome = "commit" if all(vote is True for vote in votes) else "abort"
        with self.transaction():
            self.db.execute("INSERT INTO log VALUES (?, ?)", (txn, outcome))
        self.collecting.discard(txn)
        told = [self.call(node, outcome, txn, timeout=50) for node, _, _ in moves]
        await self.gather(*told, return_exceptions=True)
        return outcome

    @rpc
    async def decision(self, txn):
        if txn in self.collecting:
            return "abort"
        known = self.db.execute("SELECT decision FROM log WHERE txn = ?", (txn,)).fetchone()
        return known[0] if known else "abort"
