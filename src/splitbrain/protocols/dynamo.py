"""A store that is always writable: N copies, quorums of R and W, siblings, hinted hand-off, read repair, anti-entropy.

G. DeCandia et al., "Dynamo: Amazon's Highly Available Key-value Store", SOSP 2007: placement 4.2 and 4.3, siblings 4.4,
get and put 4.5, hinted hand-off 4.6, Merkle trees 4.7. Read repair is in section 5. Whoever is asked coordinates.

    put ──> the N owners of the key, those after them on the ring standing in ──> W have it: done
    get ──> the same; R have answered: the versions that no other replaces, and a context for the next put
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from splitbrain.errors import Refused, RpcError
from splitbrain.node import Node, rpc
from splitbrain.protocols.merkle import MerkleTree, children
from splitbrain.protocols.sharding import Ring
from splitbrain.protocols.version_vectors import Siblings, Version, context, join, merge

NO_ANSWER = (RpcError, TimeoutError)


class DynamoStore(Node):
    """A node of the store. Subclasses choose N, R and W, and may do without any of the three repairs.

    Attributes
    ----------
    n, r, w : int
        Copies of a key; answers that a get waits for; acknowledgements that a put waits for.
    patience : float
        Milliseconds to wait for a node before another one stands in.
    hand_off_every, anti_entropy_every : float or None
        Milliseconds between attempts to hand hints to their owners, and between comparisons with some other node;
        None: never. Without hand-off no node stands in for another (a strict quorum).
    read_repair : bool
        Whether owners that answered a get with less are told what the others know.

    Notes
    -----
    What it promises: no acknowledged put is lost while one of its W copies' disks survives; once the network has
    healed, all owners hold the same versions; versions that did not know of each other are all kept.
    What it does not: a get may be stale, even with R + W > N, for a node that stands in has only what it was given; two
    puts at once leave two values. A put that was not acknowledged may have happened. To delete is to put None. Values
    are what JSON can write.

    Examples
    --------
    >>> from splitbrain import Cluster
    >>> client = Cluster(DynamoStore, nodes=3, seed=1).client("n1")
    >>> client.put("cart", "milk", {})
    >>> client.get("cart")
    {'values': ['milk'], 'context': {'n1': 1}}
    """

    n, r, w = 3, 2, 2
    patience = 30.0
    hand_off_every: float | None = 100.0
    anti_entropy_every: float | None = 200.0
    read_repair = True

    def __init__(self) -> None:
        self.ring = Ring(sorted([self.name, *self.peers]))

    def setup(self) -> None:
        self.db.execute("CREATE TABLE held (key TEXT PRIMARY KEY, versions TEXT)")
        self.db.execute("CREATE TABLE hint (owner TEXT, key TEXT, versions TEXT, PRIMARY KEY (owner, key))")
        self.db.execute("CREATE TABLE visitor (puts INTEGER)")
        self.db.execute("INSERT INTO visitor VALUES (0)")

    async def start(self) -> None:
        if self.hand_off_every:
            self.every(self.hand_off_every, self.hand_off)
        if self.anti_entropy_every and self.peers:
            self.every(self.anti_entropy_every, self.synchronise)

    def values(self) -> dict:
        return {key: [version.value for version in _versions(text)]
                for key, text in self.connection.execute("SELECT key, versions FROM held ORDER BY key")}

    # What clients call.

    @rpc
    async def put(self, key: str, value: Any, context: Mapping[str, int] | None = None) -> None:
        """Write; what was read with this context is replaced, all else stays beside it."""
        owners, others = self.preference(key)
        versions = self._write(key, value, context or {}, owner=self.name in owners)
        waits = [self._deliver(owner, key, versions, others) for owner in owners if owner != self.name]
        await self.first(self.w - (self.name in owners), *waits)

    @rpc
    async def get(self, key: str) -> dict:
        """The values that no other replaces, and the context to give to the put that does."""
        owners, others = self.preference(key)
        asked = [self.create_task(self._ask(owner, key, others)) for owner in owners]
        try:
            answers = await self.first(self.r, *asked)
        except NO_ANSWER:
            raise Refused(f"fewer than {self.r} nodes answered for {key!r}") from None
        if self.read_repair:
            self.create_task(self._repair(key, asked))
        siblings = merge(*(versions for _, versions in answers))
        return {"values": [version.value for version in siblings], "context": context(siblings)}

    # What nodes call.

    @rpc
    async def store(self, key: str, versions: list) -> None:
        """Take over what is new of these versions."""
        self._keep(key, _read(versions))

    @rpc
    async def keep_for(self, owner: str, key: str, versions: list) -> None:
        """Stand in: keep these versions for an owner that does not answer."""
        row = "SELECT versions FROM hint WHERE owner = ? AND key = ?"
        with self.transaction():
            known = self.db.execute(row, (owner, key)).fetchone()
            merged = merge(_versions(known[0]) if known else (), _read(versions))
            self.db.execute("INSERT OR REPLACE INTO hint VALUES (?, ?, ?)", (owner, key, _text(merged)))

    @rpc
    async def fetch(self, key: str) -> list:
        """The versions of a key that are here, those kept for others among them."""
        hints = self.db.execute("SELECT versions FROM hint WHERE key = ?", (key,)).fetchall()
        return _plain(merge(self._held(key), *(_versions(text) for text, in hints)))

    @rpc
    async def digests(self, peer: str, level: int, places: list) -> list:
        """Of the Merkle tree over the keys that this node and a peer both own."""
        return MerkleTree(self._shared(peer)).digests(level, places)

    @rpc
    async def exchange(self, peer: str, places: list, theirs: dict) -> dict:
        """Take over what a peer holds in these ranges of keys; answer with what is here."""
        for key, versions in theirs.items():
            self._keep(key, _read(versions))
        held = self._shared(peer)
        return {key: _plain(_versions(held[key])) for key in MerkleTree(held).keys(places)}

    # The three repairs.

    async def hand_off(self) -> None:
        """Hand hints to their owners; what an owner has taken is forgotten here."""
        for owner, key, text in self.db.execute("SELECT owner, key, versions FROM hint ORDER BY owner, key").fetchall():
            try:
                await self.call(owner, "store", key, _plain(_versions(text)), timeout=self.hand_off_every)
            except NO_ANSWER:
                continue
            with self.transaction():  # unless more was given since
                self.db.execute("DELETE FROM hint WHERE (owner, key, versions) = (?, ?, ?)", (owner, key, text))

    async def _repair(self, key: str, asked: list) -> None:
        """Read repair: once all have answered, tell those who knew less."""
        answers = await self.gather(*asked, return_exceptions=True)
        told = [answer for answer in answers if not isinstance(answer, Exception)]
        newest = merge(*(versions for _, versions in told))
        for name, versions in told:
            if versions != newest and name in self.preference(key)[0]:
                if name == self.name:
                    await self.store(key, _plain(newest))
                else:
                    self.send(name, "store", key, _plain(newest))

    async def synchronise(self) -> None:
        """Anti-entropy: find where some other node's keys differ, level by level, and exchange only these."""
        peer = self.peers[int(self.random() * len(self.peers))]
        held, patience = self._shared(peer), self.anti_entropy_every  # nobody waits for this: be patient
        tree, places = MerkleTree(held), [0]
        for level in range(tree.depth + 1):
            theirs = await self.call(peer, "digests", self.name, level, places, timeout=patience)
            places = tree.differing(level, places, theirs)
            if not places:
                return
            places = children(places) if level < tree.depth else places
        ours = {key: _plain(_versions(held[key])) for key in tree.keys(places)}
        theirs = await self.call(peer, "exchange", self.name, places, ours, timeout=patience)
        for key, versions in theirs.items():
            self._keep(key, _read(versions))

    # Within the node.

    def preference(self, key: str) -> tuple[list[str], list[str]]:
        """The owners of a key, and those who stand in for them, nearest first."""
        order = self.ring.owners(key, len(self.ring.nodes))
        return order[:self.n], order[self.n:]

    def _write(self, key: str, value: Any, past: Mapping[str, int], *, owner: bool) -> Siblings:
        """A new version, beside what else is here.

        Who counts an owner's writes is the owner, and its siblings go along, so whoever knows one of its writes knows
        those before it. A node that does not keep the key has no such count: each of its puts gets a name of its own.
        """
        if owner:
            known = join(context(self._held(key)), past).get(self.name, 0)
            return self._keep(key, [Version(self.name, known + 1, past, value)])
        with self.transaction():
            self.db.execute("UPDATE visitor SET puts = puts + 1")
            number, = self.db.execute("SELECT puts FROM visitor").fetchone()
        return (Version(f"{self.name}~{number}", 1, past, value),)

    async def _deliver(self, owner: str, key: str, versions: Siblings, others: list[str]) -> None:
        """Bring versions to an owner, or to whoever stands in. The last resort, a hint kept here, is no copy more."""
        plain = _plain(versions)
        try:
            await self.call(owner, "store", key, plain, timeout=self.patience)
        except NO_ANSWER:
            if not self.hand_off_every:
                raise
            while others:
                other = others.pop(0)  # nobody stands in for two
                if other == self.name:
                    return await self.keep_for(owner, key, plain)
                with suppress(*NO_ANSWER):
                    return await self.call(other, "keep_for", owner, key, plain, timeout=self.patience)
            await self.keep_for(owner, key, plain)
            raise

    async def _ask(self, owner: str, key: str, others: list[str]) -> tuple[str, Siblings]:
        if owner == self.name:
            return owner, _read(await self.fetch(key))
        try:
            return owner, _read(await self.call(owner, "fetch", key, timeout=self.patience))
        except NO_ANSWER:
            if not self.hand_off_every or not others:
                raise
            return await self._ask(others.pop(0), key, others)

    def _held(self, key: str) -> Siblings:
        row = self.db.execute("SELECT versions FROM held WHERE key = ?", (key,)).fetchone()
        return _versions(row[0]) if row else ()

    def _keep(self, key: str, versions: Iterable[Version]) -> Siblings:
        held = self._held(key)
        merged = merge(held, versions)
        if merged != held:
            with self.transaction():
                self.db.execute("INSERT OR REPLACE INTO held VALUES (?, ?)", (key, _text(merged)))
        return merged

    def _shared(self, peer: str) -> dict[str, str]:
        """What is held under the keys that a peer keeps as well."""
        rows = self.db.execute("SELECT key, versions FROM held").fetchall()
        return {key: text for key, text in rows if {peer, self.name} <= set(self.preference(key)[0])}


def _plain(versions: Iterable[Version]) -> list:
    return [version.plain for version in versions]


def _read(plain: Iterable[list]) -> Siblings:
    return tuple(Version(*row) for row in plain)


def _text(versions: Siblings) -> str:
    return json.dumps(_plain(versions), sort_keys=True)


def _versions(text: str) -> Siblings:
    return _read(json.loads(text))
