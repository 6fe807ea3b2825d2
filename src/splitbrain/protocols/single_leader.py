"""A register that one node decides on: whoever reaches it is served, and nobody else.

The primary copy of P. Alsberg and J. Day, "A Principle for Resilient Sharing of Distributed Resources", ICSE 1976,
without its succession: who leads is settled once and for all. (What it takes to change that safely is lesson 13.)
"""

from __future__ import annotations

from splitbrain.errors import Refused, RpcError
from splitbrain.node import rpc
from splitbrain.protocols.replica import Replica


class SingleLeader(Replica):
    """Registers of which the first node by name is the leader; the others pass on what they are asked.

    Promised: linearizability; and the value of every put that was answered is on the disks of a majority, whence a
    successor could take it. Not promised: an answer from a node that is cut off from the leader, even where a majority
    stands on its side; nor to a put while the leader hears of no majority. The leader answers gets by itself, from its
    own copy, always: that is sound only because there is no other leader, ever.

    Price, with n nodes: a put sends n - 1 requests in one round, a get none; 2 message delays and 0, and 2 more if
    another node was asked. n forced writes a put.

    Attributes
    ----------
    wait : float
        Milliseconds that anyone waits for anyone.

    Examples
    --------
    >>> from splitbrain import Cluster
    >>> cluster = Cluster(SingleLeader, nodes=3, seed=7)
    >>> cluster.client("n2").put("x", 1)
    >>> cluster.partition("n1", "n2 n3")
    >>> cluster.client("n1").get("x")
    1
    >>> cluster.client("n2").get("x")
    Traceback (most recent call last):
    splitbrain.errors.Refused: n2 does not reach the leader, n1
    """

    wait = 100.0

    async def start(self):
        self.leader = min([self.name, *self.peers])
        self.role = "leader" if self.leader == self.name else "follower"

    @rpc
    async def get(self, key):
        """The value, as the leader has it."""
        if self.role == "leader":
            return self.held(key)[2]
        try:
            return await self.call(self.leader, "get", key, timeout=self.wait)
        except RpcError:
            raise Refused(f"{self.name} does not reach the leader, {self.leader}") from None

    @rpc
    async def put(self, key, value):
        """Write, once, however often the request arrives."""
        if self.role != "leader":  # no answer is no refusal: it may have been done
            return await self.call(self.leader, "put", key, value, timeout=2 * self.wait)
        number = self.write(key, value)
        calls = [self.call(peer, "keep", key, number, self.operation, value, timeout=self.wait) for peer in self.peers]
        await self.first(len([self.name, *calls]) // 2, *calls)
        return None

    def write(self, key: str, value) -> float:
        """Number a put and keep its value here, in one step; the number it has if that was done before."""
        with self.transaction():
            decided = self.decided(self.operation)
            if decided is None:
                decided = (self.held(key)[0] + 1,)
                self.decide(self.operation, *decided)
                self.merge(key, *decided, self.operation, value)
        return decided[0]
