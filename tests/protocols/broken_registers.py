"""Registers with one mistake each, in the place where it is made."""

from splitbrain import Refused, RpcError, rpc
from splitbrain.protocols.last_writer_wins import LastWriterWins
from splitbrain.protocols.quorum import QuorumRegister, newest
from splitbrain.protocols.single_leader import SingleLeader


class NeverWritesBack(QuorumRegister):
    async def settle(self, key, told):
        pass


class BreaksNoTies(QuorumRegister):
    """Two puts that choose the same number are the same to it."""

    @rpc
    async def keep(self, key, number, writer, value):
        await super().keep(key, number, "", value)


class LatestArrival(QuorumRegister):
    """Whatever arrives last stays."""

    def merge(self, key, number, writer, value):
        self.db.execute("INSERT OR REPLACE INTO copy VALUES (?, ?, ?, ?)", (key, value, number, writer))


class OneIsEnough(QuorumRegister):
    """To `method` it takes the first answer for a majority's."""

    method = "keep"

    def ask(self, method, *args):
        if method != self.method:
            return super().ask(method, *args)
        return self.first(1, *[self.call(name, method, *args, timeout=self.wait) for name in (self.name, *self.peers)])


class ReadsOne(OneIsEnough):
    method = "copy"


class WritesTwice(QuorumRegister):
    """A request that comes again is a new one."""

    async def number(self, key):
        return newest(await self.ask("copy", key))[0] + 1


class RefusesUndecided(QuorumRegister):
    """Says that nothing was written, and leaves it to the other copy of the request to write it."""

    def decide(self, operation, number):
        if number is not None:
            super().decide(operation, number)

    def decided(self, operation):
        return super().decided(operation) or ((None,) if self.connection.in_transaction else None)


class RemembersInMemory(QuorumRegister):
    """What an operation was numbered is gone after a crash."""

    async def start(self):
        self.memory = {}

    def decide(self, operation, number):
        self.memory.setdefault(operation, (number,))

    def decided(self, operation):
        return self.memory.get(operation)


class KeepsUnforced(QuorumRegister):
    @rpc
    async def keep(self, key, number, writer, value):
        with self.transaction(forced=False):
            self.merge(key, number, writer, value)


class LeadsUnforced(SingleLeader):
    def write(self, key, value):
        with self.transaction(forced=False):
            number = self.held(key)[0] + 1
            self.merge(key, number, self.operation, value)
        return number


class FollowsUnforced(SingleLeader):
    @rpc
    async def keep(self, key, number, writer, value):
        with self.transaction(forced=False):
            self.merge(key, number, writer, value)


class AnswersByItself(SingleLeader):
    """A follower answers gets from its own copy."""

    @rpc
    async def get(self, key):
        return self.held(key)[2]


class ClaimsRefusal(SingleLeader):
    """Takes silence for a refusal."""

    @rpc
    async def put(self, key, value):
        try:
            return await super().put(key, value)
        except RpcError:
            raise Refused("no majority") from None


class LeaderWritesTwice(SingleLeader):
    """A request that comes again is a new one."""

    def write(self, key, value):
        with self.transaction():
            number = self.held(key)[0] + 1
            self.merge(key, number, self.operation, value)
        return number


class NeverMeets(LastWriterWins):
    async def meet(self):
        pass


class TakesAsItComes(LastWriterWins):
    """When it meets another, that one's copies are the right ones."""

    def take(self, copies):
        with self.transaction():
            for key, number, writer, value in copies:
                self.db.execute("INSERT OR REPLACE INTO copy VALUES (?, ?, ?, ?)", (key, value, number, writer))


class WritesAgain(LastWriterWins):
    """A request that comes again is a new write, with a later time."""

    def decide(self, operation, number):
        self.db.execute("INSERT OR REPLACE INTO asked VALUES (?, ?)", (operation, number))
