"""Protocols that are right, and the same with one bug each: what the searches have to find, and not to find."""

from splitbrain import Node, RpcError, RpcTimeout, rpc
from splitbrain.errors import Refused
from splitbrain.records import Verdict
from splitbrain.workloads import Planned, Workload


class QuorumRegister(Node):
    """Attiya, Bar-Noy and Dolev's register (1995), for many writers (Lynch and Shvartsman 1997)."""

    def setup(self):
        run = self.db.execute
        run("CREATE TABLE register (key TEXT PRIMARY KEY, number INT, writer TEXT, value)")
        run("CREATE TABLE used (key TEXT PRIMARY KEY, number INT)")

    def ask(self, method, *args):
        everyone = [self.name, *self.peers]
        calls = [self.call(name, method, *args, timeout=200) for name in everyone]
        return self.first(len(everyone) // 2 + 1, *calls)

    @rpc
    async def read(self, key):
        row = self.db.execute("SELECT number, writer, value FROM register WHERE key = ?", (key,)).fetchone()
        return row or (0, "", None)

    @rpc
    async def write(self, key, number, writer, value):
        with self.transaction():
            self.db.execute("INSERT INTO register VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
                            "number = excluded.number, writer = excluded.writer, value = excluded.value "
                            "WHERE (excluded.number, excluded.writer) > (number, writer)", (key, number, writer, value))

    @rpc
    async def get(self, key):
        number, writer, value = max(await self.ask("read", key), key=lambda told: told[:2])
        await self.settle(key, number, writer, value)
        return value

    async def settle(self, key, number, writer, value):
        await self.ask("write", key, number, writer, value)

    @rpc
    async def put(self, key, value):
        seen = max(number for number, _, _ in await self.ask("read", key))
        await self.ask("write", key, self.next_number(key, seen), self.name, value)

    def next_number(self, key, seen):
        """Larger than all seen, and than all that this node has ever used: two puts share no number."""
        with self.transaction():
            row = self.db.execute("SELECT number FROM used WHERE key = ?", (key,)).fetchone()
            number = max(seen, row[0] if row else 0) + 1
            self.db.execute("INSERT INTO used VALUES (?, ?) ON CONFLICT DO UPDATE SET number = excluded.number",
                            (key, number))
        return number


class Hasty(QuorumRegister):
    """Reads do not write back: a later one can see an older value."""

    async def settle(self, key, number, writer, value):
        pass


class TwoPhaseCommit(Node):
    """Two-phase commit with presumed abort; n1 coordinates, the others vote. A value below 0 is voted down by n2."""

    forced = True

    def setup(self):
        self.db.execute("CREATE TABLE log (txn TEXT PRIMARY KEY, state TEXT)")

    def note(self, txn, state):
        with self.transaction(forced=self.forced or state != "prepared"):
            self.db.execute("INSERT INTO log VALUES (?, ?) ON CONFLICT DO UPDATE SET state = excluded.state "
                            "WHERE state NOT IN ('commit', 'abort')", (txn, state))

    def state_of(self, txn):
        row = self.db.execute("SELECT state FROM log WHERE txn = ?", (txn,)).fetchone()
        return row and row[0]

    async def start(self):
        self.deciding = set()
        for txn, in self.db.execute("SELECT txn FROM log WHERE state = 'prepared' ORDER BY txn").fetchall():
            self.create_task(self.find_out(txn))

    async def find_out(self, txn):
        """In doubt: only the coordinator knows."""
        for _ in range(20):
            if self.state_of(txn) != "prepared":
                return
            try:
                decision = await self.call("n1", "decision", txn, timeout=50)
            except (RpcTimeout, RpcError, Refused):
                decision = None
            if decision:
                self.note(txn, decision)
                return
            await self.sleep(50)

    @rpc
    async def decision(self, txn):
        return None if txn in self.deciding else "commit" if self.state_of(txn) == "commit" else "abort"

    @rpc
    async def commit(self, txn, value):
        if txn in self.deciding or self.state_of(txn):  # the request came twice
            return self.state_of(txn)
        self.deciding.add(txn)
        votes = await self.gather(*[self.call(p, "prepare", txn, value, timeout=50) for p in self.peers],
                                  return_exceptions=True)
        decision = "commit" if all(map(self.is_yes, votes)) else "abort"
        if decision == "commit":
            self.note(txn, "commit")
        self.deciding.discard(txn)
        await self.gather(*[self.call(p, "decide", txn, decision, timeout=50) for p in self.peers],
                          return_exceptions=True)
        return decision

    @staticmethod
    def is_yes(vote):
        return vote is True

    @rpc
    async def prepare(self, txn, value):
        if self.name == "n2" and value < 0 or self.state_of(txn):
            return self.state_of(txn) == "prepared"
        self.note(txn, "prepared")
        self.create_task(self.wait_for_the_decision(txn))
        return True

    async def wait_for_the_decision(self, txn):
        await self.sleep(150)
        await self.find_out(txn)

    @rpc
    async def decide(self, txn, decision):
        if self.state_of(txn) == "prepared":
            self.note(txn, decision)
        elif self.state_of(txn) is None:
            self.note(txn, "abort")  # it has not voted, so it could not have been committed


class LostVote(TwoPhaseCommit):
    """Who says nothing is taken to agree."""

    @staticmethod
    def is_yes(vote):
        return vote is not False


class Unforced(TwoPhaseCommit):
    """Nobody waits for the disk when voting."""

    forced = False


def commits(*values):
    """Transactions t1, t2, ... with these values, one every 100 ms, all asked of n1."""
    asked = tuple(Planned(100.0 * i, "c1", 0, "commit", f"t{i + 1}", value, i) for i, value in enumerate(values))
    return Workload("commits", asked, anything)


def anything(history):
    return Verdict("ok", "the history is not what is judged")


def atomic(run):
    """What has been committed on one node is nowhere aborted or unknown: by the logs of the nodes that are up."""
    logs = {name: run.cluster.values(name) for name in run.cluster.names if run.cluster.state(name) == "up"}
    doubt = False
    for txn in sorted({txn for log in logs.values() for txn in log}):
        states = {name: log.get(txn, "unknown") for name, log in logs.items()}
        if "commit" in states.values() and {"abort", "unknown"} & set(states.values()):
            return Verdict("violated", f"{txn}: " + ", ".join(f"{n} {s}" for n, s in states.items()))
        doubt |= "prepared" in states.values()
    return "in doubt" if doubt else Verdict("ok", "all agree")
