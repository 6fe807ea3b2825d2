"""The nodes of `right_nodes`, each with one mistake that somebody would make."""

from right_nodes import Bank, Counters, Locks, Queue, Registers, Sets, Strings, Transactions, led

from splitbrain import RpcTimeout, rpc


class TearsCas(Registers):
    """Awaits between the look and the write."""

    @led
    async def cas(self, key, old, new):
        held = self.read(key)
        await self.sleep(30)
        if held == old:
            with self.transaction():
                self.write(key, new)
        return held == old


class WritesThenCompares(Registers):
    @led
    async def cas(self, key, old, new):
        with self.transaction():
            held = self.read(key)
            self.write(key, new)
        return held == old


class TearsAppend(Strings):
    """Awaits between the look and the write."""

    @led
    async def append(self, key, text):
        held = self.read(key)
        await self.sleep(30)
        with self.transaction():
            self.write(key, held + text)


class Copies:
    """Every node answers from its own copy, which n1 keeps up to date, in time."""

    @rpc
    async def get(self, key):
        return self.read(key)

    def write(self, key, value):
        super().write(key, value)
        for peer in self.peers if self.name == "n1" else ():
            self.create_task(self.tell(peer, key, value))

    async def tell(self, peer, key, value):
        await self.sleep(40)
        self.send(peer, "copy", key, value)

    @rpc
    async def copy(self, key, value):
        with self.transaction():
            self.write(key, value)


class StaleStrings(Copies, Strings):
    pass


class StaleRegisters(Copies, Registers):
    pass


class AsksAnyone(StaleRegisters):
    """Reads from whichever copy comes to hand."""

    @rpc
    async def get(self, key):
        others = [self.name, *self.peers]
        return await self.call(others[int(self.random() * len(others))], "held", key)

    @rpc
    async def held(self, key):
        return self.read(key)


class LocksInMemory(Locks):
    """Who held a lock is forgotten when the node comes back."""

    async def start(self):
        self.db.execute("DELETE FROM held")


class TearsAcquire(Locks):
    @led
    async def acquire(self, key, client):
        if self.holder(key):
            return False
        await self.sleep(30)
        with self.transaction():
            self.db.execute("INSERT OR REPLACE INTO held VALUES (?, ?)", (key, client))
        return True


class AnyoneReleases(Locks):
    @led
    async def release(self, key, client):
        with self.transaction():
            self.db.execute("DELETE FROM held WHERE key = ?", (key,))


class QueueInMemory(Queue):
    async def start(self):
        self.db.execute("DELETE FROM message")


class CountsForIds(Queue):
    """The next message gets the number of those that wait, and may overwrite one that has that number."""

    @led
    async def enqueue(self, key, value):
        with self.transaction():
            id, = self.db.execute("SELECT count(*) FROM message").fetchone()
            self.db.execute("INSERT OR REPLACE INTO message VALUES (?, ?)", (id + 1, value))


class GivesOutTheNumber(Queue):
    @led
    async def dequeue(self, key):
        with self.transaction():
            id, _ = self.head()
            self.db.execute("DELETE FROM message WHERE id = ?", (id,))
        return 1000 + id if id else None


class TearsDequeue(Queue):
    """Two that come at once get the same message."""

    @led
    async def dequeue(self, key):
        id, value = self.head()
        await self.sleep(30)
        with self.transaction():
            self.db.execute("DELETE FROM message WHERE id = ?", (id,))
        return value


class Stack(Queue):
    ordered_by = "id DESC"


class TearsAdd(Counters):
    @led
    async def add(self, key, amount):
        total = self.total(key)
        await self.sleep(30)
        with self.transaction():
            self.db.execute("INSERT OR REPLACE INTO counter VALUES (?, ?)", (key, total + amount))


class AddsAgain(Counters):
    """Whoever hears nothing asks again: what was asked may happen twice."""

    @rpc
    async def add(self, key, amount):
        for _ in range(3):
            try:
                await self.call("n1", "count", key, amount, timeout=25)
                break
            except RpcTimeout:
                pass

    @rpc
    async def count(self, key, amount):
        with self.transaction():
            self.db.execute("INSERT OR REPLACE INTO counter VALUES (?, ?)", (key, self.total(key) + amount))


class CountersInMemory(Counters):
    async def start(self):
        self.db.execute("DELETE FROM counter")


class TearsSet(Sets):
    """Keeps all elements in one row, and awaits between the look and the write."""

    @led
    async def add(self, key, element):
        elements = [*self.all(), element]
        await self.sleep(30)
        with self.transaction():
            self.db.execute("DELETE FROM element")
            self.db.execute("INSERT INTO element VALUES (?)", (" ".join(map(str, elements)),))

    def all(self):
        row = self.db.execute("SELECT value FROM element").fetchone()
        return [int(element) for element in row[0].split()] if row else []

    @led
    async def read(self, key):
        return self.all()


class SetsOfTheirOwn(Sets):
    """Each node tells the others once, and does not ask whether they have heard."""

    @rpc
    async def add(self, key, element):
        await self.take(element)
        for peer in self.peers:
            self.send(peer, "take", element)

    @rpc
    async def take(self, element):
        with self.transaction():
            self.db.execute("INSERT INTO element VALUES (?)", (element,))

    @rpc
    async def read(self, key):
        return sorted(value for value, in self.db.execute("SELECT value FROM element"))


class SetOfTexts(Sets):
    def setup(self):
        self.db.execute("CREATE TABLE element (value TEXT)")


class TwoTransactions(Bank):
    """Takes the money in one transaction, and gives it in another."""

    @led
    async def transfer(self, source, target, amount):
        with self.transaction():
            self.set(source, self.balance(source) - amount)
        await self.sleep(10)
        with self.transaction():
            self.set(target, self.balance(target) + amount)


class TearsTransfer(Bank):
    """Both balances are read, and written later as they then were."""

    @led
    async def transfer(self, source, target, amount):
        left, right = self.balance(source) - amount, self.balance(target) + amount
        await self.sleep(30)
        with self.transaction():
            self.set(source, left)
            self.set(target, right)


class Overdraws(Bank):
    @led
    async def transfer(self, source, target, amount):
        with self.transaction():
            self.set(source, self.balance(source) - amount)
            self.set(target, self.balance(target) + amount)


class TransactionsApart(Transactions):
    """Every node works on its own database, and tells nobody."""

    @rpc
    async def txn(self, mops):
        with self.transaction():
            return [self.apply(*mop) for mop in mops]
