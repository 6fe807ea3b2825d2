"""Somebody to whom recovery is what comes after a crash."""

from splitbrain import RpcError
from splitbrain.course.checks import two_phase_commit

EXERCISE = "recovery"
EXPECT = "still promised on n3"


class Recovering(two_phase_commit.Participant):
    async def start(self):
        for txn in self.promised():
            self.create_task(self.really_find_out(txn))

    async def find_out(self, txn):
        """It will come by itself."""

    async def really_find_out(self, txn):
        while txn in self.promised():
            try:
                told = await self.call("n1", "decision", txn, timeout=50)
            except RpcError:
                told = None
            if told in ("commit", "abort") and txn in self.promised():
                self.settle(txn, told)
            else:
                await self.sleep(100)
