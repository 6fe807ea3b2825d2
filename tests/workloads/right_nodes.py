"""A right node for each workload: one SQLite database, that of n1, which the others ask. Tests break them."""

from functools import wraps

from splitbrain import Cluster, Experiment, Node, Refused, rpc


def led(handler):
    """A handler that works on n1; any other node passes on what it is asked for."""
    @rpc
    @wraps(handler)
    async def ask(self, *args):
        if self.name == "n1":
            return await handler(self, *args)
        try:
            return await self.call("n1", handler.__name__, *args)
        except Refused as refusal:  # and this node has done nothing either
            raise Refused(str(refusal)) from None

    return ask


def runs(node, workload, *, faults=(), seeds=range(10), nodes=3, **options):
    """The runs of a workload with each of the seeds."""
    for seed in seeds:
        with Cluster(node, nodes=nodes, seed=seed, journal=False, timeout=100, **options) as cluster:
            yield Experiment(cluster, workload=workload(seed=seed), faults=faults).run()


class Registers(Node):
    """Registers: get, put, cas."""

    initial = None

    def setup(self):
        self.db.execute("CREATE TABLE entry (key TEXT PRIMARY KEY, value)")

    def read(self, key):
        row = self.db.execute("SELECT value FROM entry WHERE key = ?", (key,)).fetchone()
        return row[0] if row else self.initial

    def write(self, key, value):
        self.db.execute("INSERT OR REPLACE INTO entry VALUES (?, ?)", (key, value))

    @led
    async def get(self, key):
        return self.read(key)

    @led
    async def put(self, key, value):
        with self.transaction():
            self.write(key, value)

    @led
    async def cas(self, key, old, new):
        with self.transaction():
            if self.read(key) != old:
                return False
            self.write(key, new)
        return True


class Strings(Registers):
    """Registers of strings: get, put, append."""

    initial = ""

    @led
    async def append(self, key, text):
        with self.transaction():
            self.write(key, self.read(key) + text)


class Locks(Node):
    """Who comes while a lock is held is told so at once."""

    def setup(self):
        self.db.execute("CREATE TABLE held (key TEXT PRIMARY KEY, client TEXT)")

    def holder(self, key):
        row = self.db.execute("SELECT client FROM held WHERE key = ?", (key,)).fetchone()
        return row and row[0]

    @led
    async def acquire(self, key, client):
        with self.transaction():
            if self.holder(key):
                return False
            self.db.execute("INSERT INTO held VALUES (?, ?)", (key, client))
        return True

    @led
    async def release(self, key, client):
        with self.transaction():
            if self.holder(key) != client:
                raise Refused(f"{key} is not held by {client}")
            self.db.execute("DELETE FROM held WHERE key = ?", (key,))


class Queue(Node):
    """First in, first out."""

    ordered_by = "id"

    def setup(self):
        self.db.execute("CREATE TABLE message (id INTEGER PRIMARY KEY AUTOINCREMENT, value)")

    @led
    async def enqueue(self, key, value):
        with self.transaction():
            self.db.execute("INSERT INTO message (value) VALUES (?)", (value,))

    def head(self):
        some = self.db.execute(f"SELECT id, value FROM message ORDER BY {self.ordered_by} LIMIT 1")
        return some.fetchone() or (0, None)

    @led
    async def dequeue(self, key):
        with self.transaction():
            id, value = self.head()
            self.db.execute("DELETE FROM message WHERE id = ?", (id,))
        return value


class Counters(Node):
    """Sums under keys."""

    def setup(self):
        self.db.execute("CREATE TABLE counter (key TEXT PRIMARY KEY, total INTEGER)")

    def total(self, key):
        row = self.db.execute("SELECT total FROM counter WHERE key = ?", (key,)).fetchone()
        return row[0] if row else 0

    @led
    async def add(self, key, amount):
        with self.transaction():
            self.db.execute("INSERT OR REPLACE INTO counter VALUES (?, ?)", (key, self.total(key) + amount))

    @led
    async def read(self, key):
        return self.total(key)


class Sets(Node):
    """Elements in one table."""

    def setup(self):
        self.db.execute("CREATE TABLE element (value)")

    @led
    async def add(self, key, element):
        with self.transaction():
            self.db.execute("INSERT INTO element VALUES (?)", (element,))

    @led
    async def read(self, key):
        return [value for value, in self.db.execute("SELECT value FROM element")]


class Bank(Node):
    """Three accounts, 10 in each."""

    def setup(self):
        self.db.execute("CREATE TABLE account (name TEXT PRIMARY KEY, balance INTEGER)")
        for name in "xyz":
            self.db.execute("INSERT INTO account VALUES (?, 10)", (name,))

    def balance(self, name):
        return self.db.execute("SELECT balance FROM account WHERE name = ?", (name,)).fetchone()[0]

    def set(self, name, balance):
        self.db.execute("UPDATE account SET balance = ? WHERE name = ?", (balance, name))

    @led
    async def transfer(self, source, target, amount):
        with self.transaction():
            if self.balance(source) < amount:
                raise Refused(f"{source} holds less than {amount}")
            self.set(source, self.balance(source) - amount)
            self.set(target, self.balance(target) + amount)

    @led
    async def read(self):
        return dict(self.db.execute("SELECT name, balance FROM account").fetchall())


class Transactions(Node):
    """Lists and registers: of a list all values are read, of a register the last."""

    def setup(self):
        self.db.execute("CREATE TABLE entry (id INTEGER PRIMARY KEY, key TEXT, value)")

    @led
    async def txn(self, mops):
        with self.transaction():
            return [self.apply(*mop) for mop in mops]

    def apply(self, f, key, value):
        if f != "r":
            self.db.execute("INSERT INTO entry (key, value) VALUES (?, ?)", (key, value))
            return [f, key, value]
        rows = self.db.execute("SELECT value FROM entry WHERE key = ? ORDER BY id", (key,)).fetchall()
        return [f, key, self.seen([value for value, in rows])]

    def seen(self, values):
        return values


class TransactionsOnRegisters(Transactions):
    def seen(self, values):
        return values[-1] if values else None


RIGHT = {"register": Registers, "cas_register": Registers, "kv": Strings, "mutex": Locks, "queue": Queue,
         "counter": Counters, "grow_only_set": Sets, "bank": Bank, "append": Transactions,
         "rw_register": TransactionsOnRegisters}
