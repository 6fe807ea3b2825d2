"""Somebody who is sure that a coordinator which is silent for two seconds is dead."""

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
        for _ in range(20):
            if txn not in self.promised():
                return
            try:
                told = await self.call("n1", "decision", txn, timeout=50)
            except RpcError:
                told = None
            if told in ("commit", "abort") and txn in self.promised():
                self.settle(txn, told)
            else:
                await self.sleep(100)
        self.settle(txn, "abort")
