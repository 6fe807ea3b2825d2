"""A register that every node answers for, alone and at once. Copies meet later; the last write by the clock wins.

P. Johnson and R. Thomas, "The Maintenance of Duplicate Databases", RFC 677, 1975: the timestamp of a write decides
between copies. A. Demers et al., "Epidemic Algorithms for Replicated Database Maintenance", PODC 1987, section 1.3:
anti-entropy.
"""

from __future__ import annotations

from splitbrain.node import rpc
from splitbrain.protocols.replica import Replica


class LastWriterWins(Replica):
    """Registers that any node answers for from its own copy, whatever has become of the others.

    A write is tagged with the time of the node that took it, and sent to the others without waiting. Every `interval`
    ms a node compares all that it holds with one of the others, in turn, and both keep the larger tags.

    Promised: an answer to every request to a node that runs. And convergence: once writing has stopped and all can
    reach each other, all copies are equal after ``(n - 1) * interval`` ms and the time that the exchanges take; a lost
    message costs another turn. Not promised: that a read sees an acknowledged write, or that a write survives. Of two
    writes that did not know of each other one is dropped, although both were acknowledged. And where a clock is behind,
    a write may be dropped in favour of one that was over before it began.

    Price, with n nodes: a put sends n - 1 messages that nobody waits for, a get none; 0 message delays. n forced writes
    a put, of which its client waits for one. And an exchange sends all that a node holds, every `interval` ms.

    Examples
    --------
    >>> from splitbrain import Cluster
    >>> cluster = Cluster(LastWriterWins, nodes=3, seed=7)
    >>> cluster.partition("n1", "n2 n3")
    >>> cluster.client("n1").put("x", 1)
    >>> cluster.client("n2").put("x", 2)
    >>> cluster.client("n1").get("x"), cluster.client("n2").get("x")
    (1, 2)
    >>> cluster.heal()
    >>> cluster.run(200).client("n1").get("x")
    2
    """

    interval = 50.0
    wait = 50.0

    async def start(self):
        self.turn = 0
        self.every(self.interval, self.meet)

    @rpc
    async def get(self, key):
        """The value, as this node has it."""
        return self.held(key)[2]

    @rpc
    async def put(self, key, value):
        """Write here, once, however often the request arrives, and let the others know."""
        number = self.stamp()
        with self.transaction():
            self.decide(self.operation, number)
            number, = self.decided(self.operation)
            self.merge(key, number, self.operation, value)
        for peer in self.peers:
            self.send(peer, "keep", key, number, self.operation, value)

    def stamp(self) -> float:
        """The number of a write that begins now."""
        return self.now

    async def meet(self):
        """Anti-entropy with the next of the others: show it all that is here, take what it has and is newer."""
        if not self.peers:
            return
        self.turn += 1
        peer = self.peers[self.turn % len(self.peers)]
        self.take(await self.call(peer, "exchange", self.everything(), timeout=self.wait))  # or its turn comes again

    @rpc
    async def exchange(self, theirs):
        """Take what is newer; answer with all that is here."""
        self.take(theirs)
        return self.everything()

    def everything(self) -> list[tuple]:
        """``(key, number, writer, value)`` of each key."""
        return self.db.execute("SELECT key, number, writer, value FROM copy ORDER BY key").fetchall()

    def take(self, copies: list[tuple]) -> None:
        """Merge what another holds."""
        mine = {key: tag for key, *tag, _ in self.everything()}
        newer = [one for one in copies if one[0] not in mine or list(one[1:3]) > mine[one[0]]]
        if newer:
            with self.transaction():
                for one in newer:
                    self.merge(*one)
