"""Makes the pictures of README.md and architecture.md, here beside it: ``.venv/bin/python docs/images/make.py``.

Each is a run of the library; running it again changes no byte. A test does so.
"""

from pathlib import Path

from splitbrain import Cluster, Node, constant, rpc, space_time
from splitbrain.checkers import linearizability
from splitbrain.views import Picture


class Copy(Node):
    """A register's copy, as in lesson 00."""

    def setup(self):
        self.db.execute("CREATE TABLE register (key TEXT PRIMARY KEY, value INTEGER)")

    @rpc
    async def store(self, key, value):
        with self.transaction():
            self.db.execute("INSERT OR REPLACE INTO register VALUES (?, ?)", [key, value])

    @rpc
    async def get(self, key):
        found = self.db.execute("SELECT value FROM register WHERE key = ?", [key]).fetchone()
        return found and found[0]


class Hasty(Copy):
    """Tells the others, and waits for nobody."""

    @rpc
    async def put(self, key, value):
        await self.store(key, value)
        for peer in self.peers:
            self.send(peer, "store", key, value)


class Patient(Copy):
    """Waits for all others."""

    @rpc
    async def put(self, key, value):
        await self.store(key, value)
        await self.gather(*[self.call(peer, "store", key, value) for peer in self.peers])


def split_brain() -> Picture:
    """Three nodes, one register, one cut link: two answers to one question."""
    cluster = Cluster(Hasty, nodes=3, seed=7)
    cluster.client("n1").put("seats", 1)
    cluster.run(20)
    before = cluster.now
    cluster.cut("n1", "n2")
    cluster.client("n1").put("seats", 0)
    cluster.run(20)
    for name in ("n1", "n2"):
        cluster.client(name).get("seats")
    return space_time(cluster, start=before, witness=linearizability(cluster.history), width=760)


def a_message_and_a_crash() -> Picture:
    """One operation from its call to its answer; then the same with a crash on its way, and a restart."""
    cluster = Cluster(Patient, nodes=2, latency=constant(2), timeout=20)
    cluster.client("n1").put("x", 1)
    cluster.run(4)
    cluster.client("n1").start("put", "x", 2)
    cluster.run(3)
    cluster.crash("n2")
    cluster.run(20)
    cluster.restart("n2")
    cluster.client("n2").get("x")
    return space_time(cluster, width=700)


PICTURES = {"split_brain.svg": split_brain, "a_message_and_a_crash.svg": a_message_and_a_crash}

if __name__ == "__main__":
    for name, draw in PICTURES.items():
        print(draw().save(Path(__file__).parent / name))
