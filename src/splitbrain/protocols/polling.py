"""Confirmation by polling: nobody coordinates, each node asks the others for their marks and commits if all say so.

The course's article describes it in two sentences that can be read in two ways. `LiterallyPolled` marks a transaction
as committed when it begins, before any work. `Polled` marks it when the work is done: then a mark is a vote. With its
marks forced, that is two-phase commit without a coordinator (D. Skeen, "Nonblocking Commit Protocols", SIGMOD 1981,
section 3: the decentralized protocol), with n(n - 1) questions and as many answers, and it blocks as well. (No locks
here: one transaction at a time.)
"""

from __future__ import annotations

from typing import ClassVar

from splitbrain.node import Node, rpc

GIVES_UP = 20  # polls


class LiterallyPolled(Node):
    """A mark says that the transaction has begun here. All marks there: commit, each the work that it can do.

    Attributes
    ----------
    accounts : dict of str to dict of str to int
        What each node holds at first.
    forced : bool
        Whether a mark waits for the disk.
    """

    accounts: ClassVar[dict[str, dict[str, int]]] = {}
    forced = True

    def setup(self) -> None:
        self.db.execute("CREATE TABLE account (key TEXT PRIMARY KEY, balance INTEGER CHECK (balance >= 0))")
        self.db.execute("CREATE TABLE mark (txn TEXT PRIMARY KEY, state TEXT, key TEXT, amount INTEGER)")
        for key, balance in self.accounts[self.name].items():
            self.db.execute("INSERT INTO account VALUES (?, ?)", (key, balance))

    def values(self) -> dict:
        run = self.connection.execute
        return dict(run("SELECT * FROM account").fetchall()) | dict(run("SELECT txn, state FROM mark").fetchall())

    async def start(self) -> None:
        for txn, in self.db.execute("SELECT txn FROM mark WHERE state = 'yes' ORDER BY txn").fetchall():
            self.create_task(self.poll(txn))

    def state(self, txn: str) -> str | None:
        found = self.db.execute("SELECT state FROM mark WHERE txn = ?", (txn,)).fetchone()
        return found and found[0]

    def change(self, txn: str, state: str, *, forced: bool = True) -> None:
        with self.transaction(forced=forced):
            self.db.execute("UPDATE mark SET state = ? WHERE txn = ?", (state, txn))
            if state == "committed":
                self.db.execute("UPDATE account SET balance = balance + (SELECT amount FROM mark WHERE txn = ?) "
                                "WHERE key = (SELECT key FROM mark WHERE txn = ?)", (txn, txn))

    @rpc
    async def transact(self, txn: str, work: dict) -> None:
        """Begin everywhere; each node then finds out for itself."""
        for name, (key, amount) in sorted(work.items()):
            self.send(name, "begin", txn, key, amount)

    @rpc
    async def begin(self, txn: str, key: str, amount: int) -> None:
        if self.state(txn) is None:
            with self.transaction(forced=self.forced):
                self.db.execute("INSERT INTO mark VALUES (?, ?, ?, ?)", (txn, self.vote(key, amount), key, amount))
            await self.poll(txn)

    def vote(self, key: str, amount: int) -> str:
        """Committed, says the article: nothing has been tried yet."""
        return "yes"

    @rpc
    async def mark(self, txn: str) -> str | None:
        """What the others poll. Who has committed had said yes."""
        return self.state(txn)

    async def poll(self, txn: str) -> None:
        """Ask until all say yes, or one says no."""
        for _ in range(GIVES_UP):
            calls = [self.call(name, "mark", txn, timeout=20) for name in self.peers]
            marks = [self.state(txn), *await self.gather(*calls, return_exceptions=True)]
            if any(mark in ("no", "aborted") for mark in marks):
                return self.change(txn, "aborted")
            if all(mark in ("yes", "committed") for mark in marks):
                return self.finish(txn)
            await self.sleep(20)
        return None

    def finish(self, txn: str) -> None:
        """Now do the work, if it can be done."""
        try:
            self.change(txn, "committed")
        except self.db.conn.IntegrityError:
            self.change(txn, "aborted")


class Polled(LiterallyPolled):
    """A mark is a vote: yes if the work can be done, and then it has to be."""

    def vote(self, key: str, amount: int) -> str:
        balance, = self.db.execute("SELECT balance FROM account WHERE key = ?", (key,)).fetchone()
        return "yes" if balance + amount >= 0 else "no"


class CarelesslyPolled(Polled):
    """Marks that are not forced: a node that has voted yes may know nothing of it after a power cut."""

    forced = False
