"""Two-phase commit: the participants vote, the coordinator decides, and either can crash at any point.

C. Mohan, B. Lindsay, R. Obermarck, "Transaction Management in the R* Distributed Database Management System", ACM TODS
11(4), 1986, section 2, whose names these are. Records that are *forced* wait for the disk before the next message:

    coordinator      participant
    ------------     -----------
    PREPARE     -->  prepare (forced)
                <--  YES, NO or READ
    commit or abort (forced)
    COMMIT or   -->  commit or abort (forced)
    ABORT       <--  ACK
    end

A participant that voted yes is *in doubt* until it is told: it may not decide, and keeps its locks. After a restart, or
when it has waited for long, it asks. A coordinator that knows nothing of a transaction answers abort: had it decided to
commit, it could not have forgotten that before everybody had acknowledged it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from splitbrain.errors import Refused
from splitbrain.node import Node, rpc
from splitbrain.protocols.resource_manager import (
    COMMITTED,
    HEURISTIC,
    IDLE,
    NO,
    PREPARED,
    READ,
    RECORDS,
    YES,
    ResourceManager,
    XAError,
    create,
)

LONGEST = 1000  # ms between two attempts to reach somebody


class Participant(Node):
    """Votes, and does as it is told.

    Attributes
    ----------
    accounts : dict of str to dict of str to int
        What each node holds at first: ``{"n2": {"ann": 100}}``.
    forced : frozenset of str
        Which of its records wait for the disk.
    leaves_after_reading : bool
        Whether it votes ``read``, and is out of it, where it has changed nothing.
    patience : float
        Milliseconds that it waits to be told before it asks; so long, too, it keeps a branch that nobody prepares.
    """

    accounts: ClassVar[dict[str, dict[str, int]]] = {}
    forced = RECORDS
    leaves_after_reading = True
    patience = 100.0

    def setup(self) -> None:
        create(self.db, self.accounts.get(self.name, {}))

    async def start(self) -> None:
        self.manager = ResourceManager(self, forced=self.forced, leaves_after_reading=self.leaves_after_reading)
        self.results: dict[str, list] = {}
        self.asking: set[str] = set()
        for xid in self.manager.recover():
            self.ask_for_decision(xid, after=0)

    def values(self) -> dict:
        """Its accounts, and the state of each branch."""
        run = self.connection.execute
        return dict(run("SELECT * FROM account").fetchall()) | dict(run("SELECT xid, state FROM branch").fetchall())

    @rpc
    async def work(self, xid: str, operations: list) -> list:
        """A branch: ``["read", key]``, ``["add", key, amount]``, ... Returns the balances."""
        if self.manager.state(xid) is None:  # else the request came twice
            self.manager.start(xid)
            try:
                self.results[xid] = [getattr(self.manager, verb)(xid, *arguments) for verb, *arguments in operations]
            except XAError as error:
                self.log(f"{xid}: decide {self.manager.rollback(xid).removesuffix('ed')}")
                raise Refused(str(error)) from error
            self.manager.end(xid)
            self.create_task(self.give_up(xid))
        return self.results.get(xid, [])

    async def give_up(self, xid: str) -> None:
        """Until it has voted, a participant may abort by itself."""
        await self.sleep(self.patience)
        if self.manager.state(xid) == IDLE:
            self.manager.rollback(xid)
            self.log(f"{xid}: decide abort")

    @rpc
    async def prepare(self, xid: str, ask: list | None = None) -> str:
        """Vote ``yes``, ``no`` or ``read``. `ask`: who can tell the decision, by default who asked for the vote."""
        known = self.manager.state(xid) not in (None, IDLE)
        vote = self.manager.prepare(xid, " ".join(ask or [self.sender]))
        if vote == READ:
            self.log(f"{xid}: read vote")
        elif not known:
            self.log(f"{xid}: vote {vote}")
        if vote == NO and not known:
            self.log(f"{xid}: decide abort")
        if vote == YES:
            self.ask_for_decision(xid, after=self.patience)
        return vote

    @rpc
    async def commit(self, xid: str) -> str:
        """The decision. Returns the state of the branch: another one than committed if somebody could not wait."""
        return self.obey(xid, "commit")

    @rpc
    async def rollback(self, xid: str) -> str:
        """The decision. Returns the state of the branch."""
        return self.obey(xid, "abort")

    @rpc
    async def commit_alone(self, xid: str) -> str:
        """The one-phase optimisation: who is the only participant decides. Returns ``commit`` or ``abort``."""
        return "commit" if self.manager.commit(xid, one_phase=True) == COMMITTED else "abort"

    def obey(self, xid: str, decision: str) -> str:
        before = self.manager.state(xid)
        after = self.manager.commit(xid) if decision == "commit" else self.manager.rollback(xid)
        if after != before:
            self.log(f"{xid}: decide {decision}")
        return after

    # In doubt.

    def ask_for_decision(self, xid: str, *, after: float) -> None:
        if xid not in self.asking:
            self.asking.add(xid)
            self.create_task(self.until_decided(xid, after))

    async def until_decided(self, xid: str, pause: float) -> None:
        """Ask, again and again and ever more patiently, until somebody knows."""
        await self.sleep(pause)
        while self.manager.state(xid) == PREPARED:
            answers = await self.ask_around(xid, max(pause, 50.0))
            decision = next(filter(None, answers), None)
            if decision is not None and self.manager.state(xid) == PREPARED:
                self.obey(xid, decision)
            elif decision is None:
                pause = min(2 * pause or self.patience, LONGEST)
                await self.sleep(pause if answers else 0)  # who got no answer has waited for one already
        self.asking.discard(xid)

    async def ask_around(self, xid: str, timeout: float) -> list[str | None]:
        """The answers that come in this time: ``commit``, ``abort``, or None of one that does not know."""
        asked = [self.call(name, "inquire", xid, timeout=timeout) for name in self.manager.whom_to_ask(xid).split()]
        answers = await self.gather(*asked, return_exceptions=True)
        return [answer for answer in answers if not isinstance(answer, Exception)]

    # What an operator may do.

    @rpc
    async def decide_heuristically(self, xid: str, decision: str) -> str:
        """Commit or abort a branch in doubt without being told, as an operator does who needs its locks."""
        state = self.manager.decide_heuristically(xid, decision)
        self.log(f"{xid}: decide {decision}")
        return state

    @rpc
    async def forget(self, xid: str) -> None:
        """The coordinator has noted what was decided here."""
        self.manager.forget(xid)


class Coordinator(Node):
    """Asks for votes, decides, and tells the decision until everybody has acknowledged it.

    Each request of a client is one global transaction, and has a name of its own. If it comes twice, it is done once:
    the answer is kept with the decision. After a restart the same request, undecided, becomes another transaction
    (T1/2): participants may have aborted T1 meanwhile.

    Attributes
    ----------
    forced : frozenset of str
        Which of its records wait for the disk. ``end`` never does: what it saves is work, not the truth.
    patience : float
        Milliseconds that it waits for a vote; who has not voted by then has voted no.
    """

    forced = frozenset({"commit", "abort"})
    patience = 50.0

    def setup(self) -> None:
        for table in ("log (txn TEXT PRIMARY KEY, record TEXT, participants TEXT)",
                      "answer (request TEXT PRIMARY KEY, outcome TEXT)", "life (number INTEGER)",
                      "damage (txn TEXT, participant TEXT, state TEXT)"):
            self.db.execute(f"CREATE TABLE {table}")
        self.db.execute("INSERT INTO life VALUES (0)")

    async def start(self) -> None:
        with self.transaction():
            self.db.execute("UPDATE life SET number = number + 1")
        self.life = self.db.execute("SELECT number FROM life").fetchone()[0]
        self.undecided: set[str] = set()
        self.running: dict[str, Any] = {}
        for txn, record, participants in self.db.execute("SELECT * FROM log ORDER BY txn").fetchall():
            self.create_task(self.tell(txn, record, participants.split()))

    def values(self) -> dict:
        """What it has answered."""
        return dict(self.connection.execute("SELECT * FROM answer").fetchall())

    @rpc
    async def transact(self, request: str, work: dict) -> str:
        """Do all work or none: ``{"n2": [["add", "ann", -30]], "n3": [["add", "bob", 30]]}``.

        Returns ``commit`` or ``abort``. The participants may hear of it later than the client.
        """
        if request in self.running:  # it came twice
            await self.running[request].wait()
        outcome = self.values().get(request)
        if outcome is None:
            self.running[request] = self.event()
            try:
                outcome = await self.run(request, work)
            finally:
                if self.alive:
                    self.running.pop(request).set()
        return outcome

    async def run(self, request: str, work: dict) -> str:
        names = sorted(work)
        alone = len(names) == 1
        txn = request if self.life == 1 or alone else f"{request}/{self.life}"
        if not alone:
            self.undecided.add(txn)
        done = await self.ask_all(names, "work", lambda name: (txn, work[name]))
        if any(isinstance(result, Exception) for result in done.values()):
            return self.decide(request, txn, "abort", names)
        if alone:
            return await self.call(names[0], "commit_alone", txn, timeout=self.patience)
        return await self.commit_protocol(request, txn, names)

    async def commit_protocol(self, request: str, txn: str, names: list[str], voted: Iterable[str] = ()) -> str:
        """Both phases; `voted` are those whose yes has come unasked."""
        asked = [name for name in names if name not in voted]
        votes = dict.fromkeys(voted, YES) | await self.ask_all(asked, "prepare", lambda name: self.ballot(txn, names))
        decision = "commit" if all(vote in (YES, READ) for vote in votes.values()) else "abort"
        return self.decide(request, txn, decision, [name for name in names if votes[name] not in (NO, READ)])

    def ballot(self, txn: str, names: list[str]) -> tuple:
        """What goes with the request to vote."""
        return (txn,)

    async def ask_all(self, names: list[str], method: str, arguments: Any) -> dict[str, Any]:
        """The answer of each, or the error that stands for it."""
        calls = [self.call(name, method, *arguments(name), timeout=self.patience) for name in names]
        return dict(zip(names, await self.gather(*calls, return_exceptions=True), strict=True))

    def decide(self, request: str, txn: str, decision: str, participants: list[str]) -> str:
        """The moment that counts: the record. `participants` are those that have to be told."""
        if participants or decision == "abort":  # where all have only read there is nothing to remember
            with self.transaction(forced=decision in self.forced):
                if participants:
                    self.db.execute("INSERT INTO log VALUES (?, ?, ?)", (txn, decision, " ".join(participants)))
                self.db.execute("INSERT INTO answer VALUES (?, ?)", (request, decision))
        self.log(f"{txn}: decide {decision}")
        self.undecided.discard(txn)
        if participants:
            self.create_task(self.tell(txn, decision, participants))
        return decision

    async def tell(self, txn: str, decision: str, participants: list[str]) -> None:
        """The second phase, and its recovery: until all have acknowledged. Then the transaction may be forgotten."""
        verb, waiting, pause = "commit" if decision == "commit" else "rollback", participants, self.patience
        while True:
            states = await self.ask_all(waiting, verb, lambda name: (txn,))
            self.look_for_damage(txn, decision, states)
            waiting = [name for name, state in states.items() if isinstance(state, Exception)]
            if not waiting:
                break
            await self.sleep(pause)
            pause = min(2 * pause, LONGEST)
        with self.transaction(forced=False):  # the end record: those before it are needed no more
            self.db.execute("DELETE FROM log WHERE txn = ?", (txn,))
        self.log(f"{txn}: end")

    @rpc
    async def inquire(self, txn: str) -> str | None:
        """What a participant in doubt asks; None: it is not decided yet.

        The log answers. `answer` is there for clients, and may be emptied at any time.
        """
        if txn in self.undecided:
            return None
        found = self.db.execute("SELECT record FROM log WHERE txn = ?", (txn,)).fetchone()
        return found[0] if found else "abort"

    def look_for_damage(self, txn: str, decision: str, states: dict[str, Any]) -> None:
        """Who decided without being told is told to forget it; who decided wrongly is written down."""
        for name, state in states.items():
            if state in HEURISTIC.values():
                if state != HEURISTIC[decision]:
                    with self.transaction():
                        self.db.execute("INSERT INTO damage VALUES (?, ?, ?)", (txn, name, state))
                    self.log(f"{txn}: heuristic damage: {name} has {state.removeprefix('heuristically ')}")
                self.send(name, "forget", txn)
