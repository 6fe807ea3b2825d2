"""A lease, and the fencing token that goes with it: who may write to a store, and how the store knows.

A lock that its holder must give back is lost when the holder dies. A *lease* ends by itself: C. Gray and D. Cheriton,
"Leases: an efficient fault-tolerant mechanism for distributed file cache consistency", SOSP 1989. Its safety rests on
clocks: holder and server measure the same length of time apart from each other. It also rests on the holder acting at
once, which a process that can be paused, and a message that can be late, do not do. The *epoch* that comes with each
lease rests on nothing: the store compares it (M. Burrows, "The Chubby lock service", OSDI 2006, section 2.4).
"""

from __future__ import annotations

from math import inf

from splitbrain.errors import Refused
from splitbrain.node import Node, rpc


class LeaseServer(Node):
    """Gives the lease to one at a time, and with it an epoch that nobody had before.

    Guaranteed: on this node's clock no two leases overlap; epochs grow, also over a crash of any kind. Who renews
    before the end keeps the epoch. Not guaranteed: that the one before has stopped writing.

    Attributes
    ----------
    length : float
        Of a lease, milliseconds.
    """

    length = 300.0

    def setup(self):
        self.db.execute("CREATE TABLE lease (holder TEXT, epoch INTEGER, until REAL)")
        self.db.execute("INSERT INTO lease VALUES (NULL, 0, 0)")

    async def start(self):
        self.role = "lease server"

    @rpc
    async def acquire(self):
        """``[epoch, length]`` for whoever asks; refused while another's lease lasts."""
        with self.transaction():
            holder, epoch, until = self.db.execute("SELECT * FROM lease").fetchone()
            lasts = self.now < until
            if lasts and holder != self.sender:
                raise Refused(f"{holder} has the lease")
            epoch += not lasts
            self.db.execute("UPDATE lease SET holder = ?, epoch = ?, until = ?",
                            (self.sender, epoch, self.now + self.length))
        return [epoch, self.length]

    def values(self):
        holder, epoch, _ = self.db.execute("SELECT * FROM lease").fetchone()
        return {"holder": holder, "epoch": epoch}


class OpenStore(Node):
    """Accepts every write, and keeps them in their order. It trusts that whoever writes may."""

    def setup(self):
        self.db.execute("CREATE TABLE accepted (place INTEGER PRIMARY KEY, epoch INTEGER, holder TEXT)")

    async def start(self):
        self.role = "store"

    @rpc
    async def write(self, epoch):
        """Take a write of the sender's."""
        with self.transaction():
            self.admit(epoch, self.sender)
            self.db.execute("INSERT INTO accepted (epoch, holder) VALUES (?, ?)", (epoch, self.sender))

    def admit(self, epoch: int, holder: str) -> None:
        """Raise `Refused` if this write may not be. In the transaction of the write."""

    def log(self) -> list[tuple[int, str]]:
        """The accepted writes, in their order: epoch and holder."""
        return self.db.execute("SELECT epoch, holder FROM accepted ORDER BY place").fetchall()

    def values(self):
        return dict(enumerate(f"{holder}, epoch {epoch}" for epoch, holder in self.log()[-3:]))


class FencedStore(OpenStore):
    """Refuses what is older than what it has accepted, in the transaction in which it writes.

    Guaranteed, whatever clocks, pauses and networks do: the epochs of accepted writes never go back, and each is one
    holder's.
    """

    def admit(self, epoch, holder):
        """The last accepted write has the highest epoch: that is what this keeps true."""
        last = self.db.execute("SELECT epoch, holder FROM accepted ORDER BY place DESC LIMIT 1").fetchone()
        if last and (epoch < last[0] or (epoch == last[0] and holder != last[1])):
            raise Refused(f"epoch {epoch} is over: {last[1]} has written with epoch {last[0]}")


class Holder(Node):
    """Wants the lease, and while it believes that it has it, writes to the store.

    With an `OpenStore`, writes of two epochs mix as soon as one thing of these is true: this clock runs slower
    than the server's by more than `drift`; or from the look at the clock to the write's arrival more than `margin`
    milliseconds pass. A pause is no less possible than a slow network.

    Attributes
    ----------
    beat, thinks : float
        It looks at its clock every `beat` milliseconds, and writes `thinks` milliseconds later.
    margin : float
        It stops so many milliseconds before the lease ends.
    drift : float
        By this share its clock may be the slower one: it stops so much earlier.
    patience : float
        Milliseconds that it waits for an answer.

    Examples
    --------
    >>> from splitbrain import Cluster
    >>> cluster = Cluster(nodes={"lease": LeaseServer, "store": FencedStore, "a": Holder, "b": Holder}, seed=1)
    >>> _ = cluster.run(400)
    >>> cluster.crash("a")
    >>> _ = cluster.run(600)
    >>> sorted(set(cluster["store"].log()))
    [(1, 'a'), (2, 'b')]
    """

    beat, thinks, margin, drift, patience = 50.0, 20.0, 0.0, 0.0, 40.0

    async def start(self):
        self.epoch, self.until, self.renew_at = None, -inf, -inf  # a clock may show anything
        self.role = "waiting"
        self.every(self.beat, self.work)

    async def work(self):
        """One beat: renew if half of the lease is over, look at the clock, think, write."""
        if self.now >= self.renew_at:
            await self.renew()
        if self.now < self.until:
            await self.sleep(self.thinks)
            await self.call("store", "write", self.epoch, timeout=self.patience)
        elif self.role == "holder":
            self.role = "waiting"

    async def renew(self):
        """Ask for the lease. It is counted from before the question, so it ends here before it ends there."""
        asked = self.now
        try:
            self.epoch, length = await self.call("lease", "acquire", timeout=self.patience)
        except Exception:
            if self.now >= self.until:
                self.role = "waiting"
                raise
            return  # no answer: what is left of the lease is left
        self.until = asked + length * (1 - self.drift) - self.margin
        self.renew_at = asked + length / 2
        self.role = "holder"

    def values(self):
        return {"epoch": self.epoch, "until": round(self.until) if self.epoch else None}
