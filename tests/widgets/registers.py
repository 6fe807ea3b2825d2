"""A small replicated register for the tests of the panel."""

from splitbrain import Cluster, Node, Refused, constant, rpc


class Register(Node):
    """Writes here, then tells the others, and waits for nobody."""

    def setup(self):
        self.db.execute("CREATE TABLE register (key TEXT PRIMARY KEY, value)")

    @rpc
    async def put(self, key, value):
        if value == "never":
            raise Refused("not this value")
        self.write(key, value)
        for peer in self.peers:
            self.send(peer, "copy", key, value)

    @rpc
    async def copy(self, key, value):
        self.write(key, value)

    @rpc
    async def get(self, key):
        row = self.db.execute("SELECT value FROM register WHERE key = ?", (key,)).fetchone()
        return row and row[0]

    @rpc
    async def fail(self):
        raise RuntimeError("a mistake in the handler")

    def write(self, key, value):
        with self.transaction():
            self.db.execute("INSERT OR REPLACE INTO register VALUES (?, ?)", (key, value))


def register(nodes=3, **options):
    """Messages take 2 ms."""
    return Cluster(Register, nodes=nodes, seed=7, latency=constant(2), **options)
