"""Somebody who thinks that after some tries it is not going to be answered."""

from splitbrain import RpcError
from splitbrain.course.checks import two_phase_commit

EXERCISE = "recovery"
EXPECT = "still promised on n2"


class Recovering(two_phase_commit.Participant):
    async def start(self):
        for txn in self.promised():
            self.create_task(self.find_out(txn))

    async def find_out(self, txn):
        await self.sleep(50)
        for _ in range(5):
            try:
                told = await self.call("n1", "decision", txn, timeout=50)
            except RpcError:
                told = None
            if told in ("commit", "abort") and txn in self.promised():
                self.settle(txn, told)
            else:
                await self.sleep(100)

