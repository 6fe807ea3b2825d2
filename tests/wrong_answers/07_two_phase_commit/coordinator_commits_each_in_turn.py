"""Somebody who asks and commits one participant before asking the next."""

from splitbrain import Node, rpc

EXERCISE = "coordinator"
EXPECT = "Without a yes from every participant"


class Coordinator(Node):
    async def start(self):
        self.decisions = {}

    @rpc
    async def transfer(self, txn, moves):
        for node, owner, amount in moves:
            try:
                vote = await self.call(node, "prepare", txn, owner, amount, timeout=50)
            except Exception:
                vote = False
            if not vote:
                return "abort"
            await self.call(node, "commit", txn)
        return "commit"

    @rpc
    async def decision(self, txn):
        return "abort"
