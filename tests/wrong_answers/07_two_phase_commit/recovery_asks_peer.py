"""Somebody who asks the other participant, which has no handler for that."""

from splitbrain import RpcError
from splitbrain.course.checks import two_phase_commit

EXERCISE = "recovery"
EXPECT = "still promised on n2 and n3"


class Recovering(two_phase_commit.Participant):
    async def start(self):
        for txn in self.promised():
            self.create_task(self.find_out(txn))

    async def find_out(self, txn):
        await self.sleep(50)
        while txn in self.promised():
            try:
                told = await self.call("n3", "decision", txn, timeout=50)
            except RpcError:
                told = None
            if told in ("commit", "abort") and txn in self.promised():
                self.settle(txn, told)
            else:
                await self.sleep(100)

