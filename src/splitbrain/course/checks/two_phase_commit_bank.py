"""Lab 07's bank: the nodes that an answer meets, and how a run of it is judged, by the money.

n1 coordinates, Ann's account is on n2, Bob's on n3. The names of the handlers are the lab's: ``transfer`` and
``decision`` of a coordinator, ``prepare``, ``commit`` and ``abort`` of a participant. What an answer keeps, and in what
tables, is its own affair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from operator import mul
from typing import Any

from splitbrain import Cluster, Experiment, Node, RpcError, rpc
from splitbrain.course.feedback import Wrong
from splitbrain.explore import sweep
from splitbrain.faults import At, Fault, at, crash_at
from splitbrain.records import Verdict
from splitbrain.views import Picture, space_time
from splitbrain.workloads import Planned, Workload

OWNERS = {"n2": "ann", "n3": "bob"}
MOVES = [["n2", "ann", -30], ["n3", "bob", 30]]
AFTERWARDS = [["n2", "ann", -2], ["n3", "bob", 2]]  # so that crash points lie beyond the end of the first
_LATER = 600.0  # ms
VOTED = 8.0  # ms: both have voted yes, and n1 has not heard it yet (seed 1; a test looks)
BACK = 50.0  # ms after which a crashed node is there again
PATIENCE = 100.0  # ms that a participant waits before it asks


def open_account(node: Node) -> None:
    """Make the table of accounts, and the node's own account with 100 coins in it."""
    node.db.execute("CREATE TABLE account (owner TEXT PRIMARY KEY, balance INTEGER NOT NULL)")
    if node.name in OWNERS:
        node.db.execute("INSERT INTO account VALUES (?, 100)", (OWNERS[node.name],))


class Participant(Node):
    """A participant that keeps its promises, and does not ask what became of them: that is the third exercise.

    ``self.promised()`` are the transactions it has voted yes on and does not know the decision of;
    ``settle(txn, decision)`` commits or aborts one. After a yes, `prepare` starts ``self.find_out(txn)`` as a task.
    """

    def setup(self) -> None:
        open_account(self)
        self.db.execute("CREATE TABLE promise (txn TEXT PRIMARY KEY, owner TEXT, amount INTEGER, state TEXT)")

    async def find_out(self, txn: str) -> None:
        """Ask what became of a promise."""

    def promised(self) -> list[str]:
        return [txn for txn, in self.db.execute("SELECT txn FROM promise WHERE state = 'yes' ORDER BY txn").fetchall()]

    def settle(self, txn: str, decision: str) -> None:
        if decision not in ("commit", "abort"):
            raise ValueError(f"a decision is 'commit' or 'abort', not {decision!r}")
        with self.transaction():
            if decision == "commit":
                self.db.execute("UPDATE account SET balance = balance + (SELECT amount FROM promise WHERE txn = ?) "
                                "WHERE owner = (SELECT owner FROM promise WHERE txn = ? AND state = 'yes')", (txn, txn))
            self.db.execute("INSERT INTO promise VALUES (?, '', 0, ?) ON CONFLICT DO UPDATE SET state = excluded.state "
                            "WHERE state = 'yes'", (txn, decision))
        self.log(f"{txn}: decide {decision}")

    @rpc
    async def prepare(self, txn: str, owner: str, amount: int) -> bool:
        """Vote; the yes is kept before it is said."""
        run = self.db.execute
        known = run("SELECT state FROM promise WHERE txn = ?", (txn,)).fetchone()
        if known:
            return known[0] == "yes"
        have = run("SELECT balance FROM account WHERE owner = ?", (owner,)).fetchone()
        locked = run("SELECT 1 FROM promise WHERE owner = ? AND state = 'yes'", (owner,)).fetchone()
        if locked or have is None or have[0] + amount < 0:
            return False
        with self.transaction():
            run("INSERT INTO promise VALUES (?, ?, ?, 'yes')", (txn, owner, amount))
        self.log(f"{txn}: vote yes")
        self.create_task(self.find_out(txn))
        return True

    @rpc
    async def commit(self, txn: str) -> None:
        self.settle(txn, "commit")

    @rpc
    async def abort(self, txn: str) -> None:
        self.settle(txn, "abort")


class AskingParticipant(Participant):
    """Asks n1 for the decision, a while after its vote and after every restart, until it knows."""

    async def start(self) -> None:
        for txn in self.promised():
            self.create_task(self.find_out(txn))

    async def find_out(self, txn: str) -> None:
        await self.sleep(PATIENCE)
        while txn in self.promised():
            try:
                decision = await self.call("n1", "decision", txn, timeout=PATIENCE)
            except RpcError:
                decision = None
            if decision is None:
                await self.sleep(PATIENCE)
            elif txn in self.promised():
                self.settle(txn, decision)


class TellingCoordinator(Node):
    """Tells its decision once, by a message that may be lost; whoever asks is told again."""

    resends = False

    def setup(self) -> None:
        self.db.execute("CREATE TABLE log (txn TEXT PRIMARY KEY, decision TEXT, moves TEXT)")

    async def start(self) -> None:
        self.open: set[str] = set()
        if self.resends:
            for txn, decision, names in self.db.execute("SELECT * FROM log ORDER BY txn").fetchall():
                self.create_task(self.tell(txn, decision, names.split()))

    @rpc
    async def transfer(self, txn: str, moves: list) -> str:
        self.open.add(txn)
        calls = [self.call(name, "prepare", txn, owner, amount, timeout=PATIENCE) for name, owner, amount in moves]
        votes = await self.gather(*calls, return_exceptions=True)
        for (name, *_), vote in zip(moves, votes, strict=True):
            self.log(f"{name} answered {vote if isinstance(vote, bool) else type(vote).__name__}")
        decision = "commit" if all(vote is True for vote in votes) else "abort"
        with self.transaction():
            self.db.execute("INSERT INTO log VALUES (?, ?, ?)", (txn, decision, " ".join(move[0] for move in moves)))
        self.open.discard(txn)
        self.log(f"{txn}: decide {decision}")
        self.create_task(self.tell(txn, decision, [move[0] for move in moves]))
        return decision

    async def tell(self, txn: str, decision: str, names: list[str]) -> None:
        if not self.resends:
            for name in names:
                self.send(name, decision, txn)
            return
        while names:
            acks = await self.gather(*[self.call(name, decision, txn, timeout=50) for name in names],
                                     return_exceptions=True)
            names = [name for name, ack in zip(names, acks, strict=True) if isinstance(ack, Exception)]
            await self.sleep(50)
        with self.transaction(forced=False):
            self.db.execute("DELETE FROM log WHERE txn = ?", (txn,))

    @rpc
    async def decision(self, txn: str) -> str | None:
        found = self.db.execute("SELECT decision FROM log WHERE txn = ?", (txn,)).fetchone()
        return found[0] if found else None if txn in self.open else "abort"


class ResendingCoordinator(TellingCoordinator):
    """Tells its decision, after restarts as well, until all have acknowledged it; then it forgets."""

    resends = True


def nodes(coordinator: type[Node], participant: type[Node]) -> dict[str, type[Node]]:
    return {"n1": coordinator, "n2": participant, "n3": participant}


def experiment(classes: dict[str, type[Node]], *faults: At, moves: list = MOVES, then: Sequence[list] = (),
               until: float = 3000) -> Experiment:
    """A transfer T1, and those that come later, with some faults."""
    asked = tuple(Planned(_LATER * i, f"c{i + 1}", 0, "transfer", f"T{i + 1}", each)
                  for i, each in enumerate((moves, *then)))
    cluster = Cluster(nodes=classes, seed=1, timeout=5000)
    cluster.close()  # it is only copied
    return Experiment(cluster, Workload("transfers", asked, lambda _: Verdict("ok", "")), faults, until)


def balances(cluster: Cluster) -> tuple[int, int]:
    """What Ann and Bob have, by the table of accounts."""
    found = [cluster[name].connection.execute("SELECT balance FROM account WHERE owner = ?", (owner,)).fetchone()
             for name, owner in OWNERS.items()]
    if None in found:
        raise Wrong("An account is gone: the row of its owner in the table account.", expected="ann and bob",
                    got=found)
    return found[0][0], found[1][0]


def by_the_money(run: Any) -> str | Verdict:
    """Judge transfers: each is done or not, as the client was told; and another one can be done in the end."""
    cluster, asked = run.cluster, list(run.history)
    ann, bob = balances(cluster)
    amounts = [-operation.value[0][2] for operation in asked]
    ends = product((1, 0), repeat=len(asked))
    done = next((end for end in ends if ann == 100 - sum(map(mul, amounts, end))), None)
    if done is None or ann + bob != 200:
        return Verdict("violated", f"half a transfer is left: ann has {ann}, bob has {bob}")
    for operation, is_done in zip(asked, done, strict=True):
        if operation.status == "ok" and operation.result != ("commit" if is_done else "abort"):
            return Verdict("violated", f"the client was told {operation.result!r} of {operation.key}, and ann has "
                           f"{ann}, bob has {bob}")
    for number in (1, 2):  # a crash point that the run did not reach may lie in the next transfer
        pending = cluster.client("n1", "next").start("transfer", f"N{number}", [["n2", "ann", -1], ["n3", "bob", 1]])
        cluster.run(3000)
        if pending.status == "ok" and pending.result == "commit":
            return "committed" if done[0] else "rolled back"
    return Verdict("violated", f"T1 is {'done' if done[0] else 'undone'}, and all nodes are well again, but no further "
                   "transfer can be done, however often it is tried: an account is still promised, or nobody answers")


def swept(classes: dict[str, type[Node]], who: list[str], crash: tuple | None, call: str) -> int:
    """Crash each of these nodes at each point, by process and by power; `crash` tries that one only.

    Returns how many runs it were.
    """
    asked = experiment(classes, then=[AFTERWARDS])
    if crash is not None:
        node, point, kind = crash
        fault = crash_at(node, point, kind=kind, restart=BACK)
        again = replace(asked, faults=(at(0, fault),))
        verdict = by_the_money(again.run())
        if isinstance(verdict, Verdict):
            raise _told(again, fault, verdict.explanation, call)
        return 1
    found = sweep(asked, judge=by_the_money, nodes=who, restart=(BACK,), progress=False)
    if found.failures:
        case = min(found.failures, key=lambda case: (len(case.crashes), "power" in str(case.crashes)))
        raise _told(case.experiment, case.crashes[0] if case.crashes else None, case.note, call)
    return len(found.cases)


def _told(failing: Experiment, fault: Fault | None, note: str, call: str) -> Wrong:
    if fault is None:
        return Wrong(f"Nothing crashed, and {note}.", expected="100 and 100, or 70 and 130", got=note,
                     picture=picture(failing))
    node, point = fault.args
    kind = dict(fault.options).get("kind", "process")
    how = "The power of" if kind == "power" else "The process of"
    verb = "goes" if kind == "power" else "dies"
    return Wrong(f"{how} {node} {verb} at its crash point {point}, {_after(failing, node)}, and it is back after "
                 f"{BACK:g} ms. Then {note}.", expected="all of the transfer or nothing, and a bank that goes on",
                 got=note, picture=picture(failing), replay=f"two_phase_commit.{call}, crash={(node, point, kind)!r})")


def _after(failing: Experiment, node: str) -> str:
    """What the node had last done when it died."""
    with failing.cluster.fresh() as cluster:
        run = replace(failing, cluster=cluster).run()
    before = []
    for event in run.journal:
        if event.kind == "crash" and event.node == node:
            break
        if event.node == node and event.kind in ("receive", "send", "commit"):
            before.append(event)
    run.cluster.close()
    words = {"receive": "having received", "send": "having sent", "commit": "after a commit"}
    return f"{words[before[-1].kind]} {before[-1].message or ''}".strip() if before else "at its start"


def picture(failing: Experiment) -> Picture:
    """The first moments of a run."""
    run = failing.run()
    try:
        return space_time(run, start=0, end=min(run.cluster.now, 320), width=800, limit=30)
    finally:
        run.cluster.close()
