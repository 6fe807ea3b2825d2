"""How news spreads when nodes tell it to one another at random: simple epidemics, and rumours that grow cold.

A. Demers et al., "Epidemic Algorithms for Replicated Database Maintenance", PODC 1987. Anti-entropy (section 1.3) never
stops asking, and reaches everybody. Rumour mongering (section 1.4) stops when telling has become useless, and may miss
a few. What to expect of both is in `splitbrain.theory.epidemics`.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from splitbrain.errors import RpcError
from splitbrain.node import Node, rpc


class Gossip(Node):
    """Each node, once a round, turns to some other: to push what it knows, to pull what that one knows, or both.

    News are facts: a name and a value that never changes.

    Attributes
    ----------
    push, pull : bool
    period : float
        Milliseconds a round. Latencies well below it make rounds as in the theory.

    Notes
    -----
    Promised: as long as nodes can be reached now and then, all hear of everything that a node that is up knows.
    Not promised: by when.

    Examples
    --------
    >>> from splitbrain import Cluster
    >>> cluster = Cluster(Gossip, nodes=8, seed=3)
    >>> cluster.client("n1").tell("fire", True)
    >>> cluster.run(3 * Gossip.period)
    Cluster(Gossip: n1 n2 n3 n4 n5 n6 n7 n8; at 64.825 ms)
    >>> sum("fire" in cluster.values(name) for name in cluster.names)
    4
    """

    push, pull = True, False
    period = 20.0

    def setup(self) -> None:
        self.db.execute("CREATE TABLE known (name TEXT PRIMARY KEY, value)")

    async def start(self) -> None:
        self.every(self.period, self.turn)

    @rpc
    async def tell(self, name: str, value: Any) -> None:
        """News from outside."""
        self.take({name: value})

    @rpc
    async def learn(self, news: dict) -> None:
        """News from another node."""
        self.take(news)

    @rpc
    async def ask(self) -> dict:
        """All that this node knows."""
        return self.known()

    async def turn(self) -> None:
        """One round."""
        peer = self.peers[int(self.random() * len(self.peers))]
        if self.push and (news := self.known()):
            self.send(peer, "learn", news)
        if self.pull:
            self.create_task(self.pull_from(peer))  # not awaited: the next round begins on time

    async def pull_from(self, peer: str) -> None:
        """Take over what a peer knows, if it answers within a round."""
        with suppress(RpcError):
            self.take(await self.call(peer, "ask", timeout=self.period))

    def known(self) -> dict:
        return dict(self.db.execute("SELECT name, value FROM known ORDER BY name").fetchall())

    def take(self, news: dict) -> list[str]:
        """Keep what is new; its names."""
        known = self.known()
        fresh = [name for name in news if name not in known]
        if fresh:
            with self.transaction():
                for name in fresh:
                    self.db.execute("INSERT INTO known VALUES (?, ?)", (name, news[name]))
        return fresh


class RumourMonger(Gossip):
    """Pushes only what is hot: news grow cold at a node once so many whom it told had known them already.

    "Feedback and counters" in section 1.4. What is hot is soft state: a node that crashes keeps its news, and does not
    spread them on.

    Attributes
    ----------
    interest : int
        The paper's k: that many useless tellings, and the node has lost interest.
    """

    interest = 2

    def __init__(self) -> None:
        self.hot: dict[str, int] = {}

    @rpc
    async def hear(self, news: dict) -> list:
        """News from another node; which of them were known."""
        fresh = self.take(news)
        return [name for name in news if name not in fresh]

    def take(self, news: dict) -> list[str]:
        fresh = super().take(news)
        self.hot |= dict.fromkeys(fresh, self.interest)
        return fresh

    async def turn(self) -> None:
        if not self.hot:
            return
        known = self.known()
        peer = self.peers[int(self.random() * len(self.peers))]
        for name in await self.call(peer, "hear", {name: known[name] for name in self.hot}, timeout=self.period):
            if name in self.hot:
                self.hot[name] -= 1
        self.hot = {name: left for name, left in self.hot.items() if left > 0}
