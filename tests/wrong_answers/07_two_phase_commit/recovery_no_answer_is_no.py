"""Somebody who takes None, or silence, for an abort."""

from splitbrain import RpcError
from splitbrain.course.checks import two_phase_commit

EXERCISE = "recovery"
EXPECT = "has decided by itself"


class Recovering(two_phase_commit.Participant):
    async def start(self):
        for txn in self.promised():
            self.create_task(self.find_out(txn))

    async def find_out(self, txn):
        await self.sleep(50)
        while txn in self.promised():
            try:
                told = await self.call("n1", "decision", txn, timeout=50)
            except RpcError:
                told = None
            if txn in self.promised():
                self.settle(txn, told or "abort")
            else:
                await self.sleep(100)
