"""A register on a majority of nodes: linearizable through crashes and partitions, available to whoever reaches one.

H. Attiya, A. Bar-Noy and D. Dolev, "Sharing Memory Robustly in Message-Passing Systems", JACM 42(1), 1995: one writer
(their unbounded emulation). N. Lynch and A. Shvartsman, "Robust Emulation of Shared Memory Using Dynamic
Quorum-Acknowledged Broadcasts", FTCS 1997: many writers, with tags.
"""

from __future__ import annotations

from collections.abc import Sequence

from splitbrain.errors import Refused, RpcError
from splitbrain.futures import Future
from splitbrain.node import rpc
from splitbrain.protocols.replica import Replica


class QuorumRegister(Replica):
    """Registers that any node can be asked for, each linearizable, while any majority of the nodes can be reached.

    A put asks a majority for their tags, takes a larger one, and lets a majority keep the value. A get asks a majority,
    takes the value with the largest tag, and lets a majority keep *that* before it answers. Any two majorities share a
    node: so whoever comes after an answered operation meets its tag, or a larger one.

    Promised: linearizability, whatever is cut, lost, late, repeated, crashed (processes and power) or restarted.
    Not promised: an answer. A node that hears of no majority within `wait` refuses, if it is certain that nothing was
    written, and else its client learns nothing. Nodes are joined each to each, and their number does not change.

    Price, with n nodes: a put sends 2n requests in two rounds, a get n in one round if all answers agree and 2n in two
    if they do not; 4 message delays and 2, and 2 more between the client and its node. n + 1 forced writes a put.

    Attributes
    ----------
    wait : float
        Milliseconds that it waits for a majority, twice in an operation at most.

    Examples
    --------
    >>> from splitbrain import Cluster
    >>> cluster = Cluster(QuorumRegister, nodes=3, seed=7)
    >>> cluster.client("n1").put("x", 1)
    >>> cluster.partition("n1", "n2 n3")
    >>> cluster.client("n2").get("x")
    1
    >>> cluster.client("n1").get("x")
    Traceback (most recent call last):
    splitbrain.errors.Refused: n1 hears of no majority
    """

    wait = 200.0

    def ask(self, method: str, *args) -> Future:
        """Ask everyone, this node too: the answers of the first majority."""
        everyone = [self.name, *self.peers]
        calls = [self.call(name, method, *args, timeout=self.wait) for name in everyone]
        return self.first(len(everyone) // 2 + 1, *calls)

    @rpc
    async def get(self, key):
        """The value."""
        try:
            told = await self.ask("copy", key)
            await self.settle(key, told)
        except RpcError:
            raise Refused(f"{self.name} hears of no majority") from None
        return newest(told)[2]

    async def settle(self, key: str, told: Sequence[tuple]) -> None:
        """Let a majority hold what is about to be answered.

        Without it a later get could ask another majority, in which nobody has heard of the value yet, and answer an
        older one. If all of a majority hold it already there is nothing to do.
        """
        if any(answer != told[0] for answer in told):
            await self.ask("keep", key, *newest(told))

    @rpc
    async def put(self, key, value):
        """Write, once, however often the request arrives."""
        number = await self.number(key)
        if number is None:
            raise Refused(f"{self.name} hears of no majority")
        await self.ask("keep", key, number, self.operation, value)

    async def number(self, key: str) -> float | None:
        """The number of this operation's tag, larger than those of all puts that were answered before it began.

        None if no majority answers. That, too, is decided for good: the other copy of the request must not write
        once the client has been told that nothing was written.
        """
        decided = self.decided(self.operation)
        if decided is None:
            try:
                number = newest(await self.ask("copy", key))[0] + 1
            except RpcError:
                number = None
            with self.transaction():
                self.decide(self.operation, number)
                decided = self.decided(self.operation)
        return decided[0]


def newest(told: Sequence[tuple]) -> tuple:
    """Of several ``(number, writer, value)`` that with the largest tag.

    >>> newest([(1, "c2#0", "a"), (2, "c1#3", "b"), (2, "c1#1", "c")])
    (2, 'c1#3', 'b')
    """
    return max(told, key=lambda answer: answer[:2])
