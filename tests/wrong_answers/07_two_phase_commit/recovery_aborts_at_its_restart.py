"""Somebody who rolls back at a restart, as databases do with what was open."""

from splitbrain import RpcError
from splitbrain.course.checks import two_phase_commit

EXERCISE = "recovery"
EXPECT = "has decided by itself"


class Recovering(two_phase_commit.Participant):
    async def start(self):
        for txn in self.promised():
            self.settle(txn, "abort")

    async def find_out(self, txn):
        await self.sleep(50)
        while txn in self.promised():
            try:
                told = await self.call("n1", "decision", txn, timeout=50)
            except RpcError:
                told = None
            if told in ("commit", "abort") and txn in self.promised():
                self.settle(txn, told)
            else:
                await self.sleep(100)
