"""Somebody who calls without a try."""

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
            told = await self.call("n1", "decision", txn, timeout=50)
            if told in ("commit", "abort") and txn in self.promised():
                self.settle(txn, told)
            else:
                await self.sleep(100)
