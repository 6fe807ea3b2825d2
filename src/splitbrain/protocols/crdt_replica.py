"""A node that holds mergeable values, answers from its own copy, and gossips: available under every partition.

State-based replication after Shapiro et al., SSS 2011, section 2.2: now and then a node sends its whole state to some
other, which merges it. Messages may be lost, doubled and overtaken.
"""

from __future__ import annotations

import json
from typing import Any

from splitbrain.node import Node, rpc
from splitbrain.protocols.crdt import CRDT, GCounter


class CrdtReplica(Node):
    """Every node answers every client, at once and alone; what it was told reaches the others later.

    Attributes
    ----------
    kind : type
        Of all its values: `GCounter`, `PNCounter`, `LWWRegister` or `ORSet` of `splitbrain.protocols.crdt`. Clients
        call what it has: ``add(key, amount)``, ``set(key, value)``, ``add`` and ``remove(key, element)``.
    gossip_every : float
        Milliseconds between two messages with all it knows, each to some other node.

    Notes
    -----
    Promised: strong eventual consistency. An acknowledged change survives crashes of the node that took it, and nodes
    that have heard, directly or not, of the same changes hold the same value. Not promised: that a read is fresh; and
    an addition that is asked for twice counts twice, for merging is idempotent, and asking is not.

    Examples
    --------
    >>> from splitbrain import Cluster
    >>> cluster = Cluster(CrdtReplica, nodes=3, seed=1)
    >>> cluster.client("n1").add("likes", 2)
    >>> cluster.client("n2").add("likes", 1)
    >>> cluster.run(500).client("n3").read("likes")
    3
    """

    kind: type[CRDT] = GCounter
    gossip_every = 20.0

    def setup(self) -> None:
        self.db.execute("CREATE TABLE replica (key TEXT PRIMARY KEY, state TEXT)")

    async def start(self) -> None:
        if self.peers:
            self.every(self.gossip_every, self.gossip)

    def values(self) -> dict:
        return {key: self.kind.read(json.loads(state)).value
                for key, state in self.connection.execute("SELECT key, state FROM replica ORDER BY key")}

    @rpc
    async def add(self, key: str, what: Any) -> None:
        """Add an amount to a counter, an element to a set."""
        self._keep(key, self._state(key).add(self.name, what))

    @rpc
    async def remove(self, key: str, element: Any) -> None:
        """Remove an element from a set."""
        self._keep(key, self._state(key).remove(self.name, element))

    @rpc
    async def set(self, key: str, value: Any) -> None:
        """Set a register, at the time of this node's clock."""
        self._keep(key, self._state(key).set(self.name, value, self.now))

    @rpc
    async def read(self, key: str) -> Any:
        """The value as far as this node has heard."""
        return self._state(key).value

    put, get = set, read  # as the workload `register` calls them

    @rpc
    async def merge(self, states: dict) -> None:
        """Take over what another node knows."""
        for key, state in states.items():
            self._keep(key, self._state(key).merge(self.kind.read(state)))

    async def gossip(self) -> None:
        """Send all to some other node, and wait for nothing."""
        rows = self.db.execute("SELECT key, state FROM replica ORDER BY key").fetchall()
        peer = self.peers[int(self.random() * len(self.peers))]
        self.send(peer, "merge", {key: json.loads(state) for key, state in rows})

    def _state(self, key: str) -> CRDT:
        row = self.db.execute("SELECT state FROM replica WHERE key = ?", (key,)).fetchone()
        return self.kind.read(json.loads(row[0])) if row else self.kind()

    def _keep(self, key: str, state: CRDT) -> None:
        if state != self._state(key):
            with self.transaction():
                self.db.execute("INSERT OR REPLACE INTO replica VALUES (?, ?)",
                                (key, json.dumps(state.plain, sort_keys=True)))
