"""The checks of lab 07 accept right answers of other shapes than ours, and stand on moments that are what they say."""

import pytest

from splitbrain import Node, RpcError, rpc
from splitbrain.course.checks import two_phase_commit as checks
from splitbrain.course.checks.two_phase_commit_bank import (
    VOTED,
    AskingParticipant,
    ResendingCoordinator,
    TellingCoordinator,
    experiment,
    nodes,
    swept,
)
from splitbrain.course.feedback import NotAttempted, Raised, Wrong


class Escrow(Node):
    """Lets several promises on one account stand, as long as all of them together can be kept."""

    def setup(self):
        checks.open_account(self)
        self.db.execute("CREATE TABLE held (txn TEXT PRIMARY KEY, owner TEXT, amount INTEGER)")
        self.db.execute("CREATE TABLE over (txn TEXT PRIMARY KEY)")

    def holds(self, txn):
        return self.db.execute("SELECT owner, amount FROM held WHERE txn = ?", (txn,)).fetchone()

    @rpc
    async def prepare(self, txn, owner, amount):
        with self.transaction():
            if self.db.execute("SELECT 1 FROM over WHERE txn = ?", (txn,)).fetchone():
                return False
            if self.holds(txn):
                return True
            left = self.db.execute("SELECT balance + (SELECT total(amount) FROM held WHERE owner = account.owner AND "
                                   "amount < 0) FROM account WHERE owner = ?", (owner,)).fetchone()
            if left is None or amount < 0 and left[0] + amount < 0:
                return False
            self.db.execute("INSERT INTO held VALUES (?, ?, ?)", (txn, owner, amount))
        return True

    def end(self, txn, *, commit):
        held = self.holds(txn)
        with self.transaction():
            if held and commit:
                self.db.execute("UPDATE account SET balance = balance + ? WHERE owner = ?", held[::-1])
            self.db.execute("DELETE FROM held WHERE txn = ?", (txn,))
            self.db.execute("INSERT OR IGNORE INTO over VALUES (?)", (txn,))

    @rpc
    async def commit(self, txn):
        self.end(txn, commit=True)

    @rpc
    async def abort(self, txn):
        self.end(txn, commit=False)


class OneByOne(Node):
    """Asks one after the other, waits long, presumes abort, and tells with messages that nobody acknowledges."""

    def setup(self):
        self.db.execute("CREATE TABLE committed (txn TEXT PRIMARY KEY)")

    async def start(self):
        self.busy = {}

    @rpc
    async def transfer(self, txn, moves):
        self.busy[txn] = True
        try:
            for node, owner, amount in moves:
                if not await self.call(node, "prepare", txn, owner, amount, timeout=700):
                    raise RpcError("no")
        except RpcError:
            self.busy.pop(txn)
            for node, *_ in moves:
                self.send(node, "abort", txn)
            return "abort"
        with self.transaction():
            self.db.execute("INSERT INTO committed VALUES (?)", (txn,))
        self.busy.pop(txn)
        for node, *_ in moves:
            self.send(node, "commit", txn)
        return "commit"

    @rpc
    async def decision(self, txn):
        if self.db.execute("SELECT 1 FROM committed WHERE txn = ?", (txn,)).fetchone():
            return "commit"
        return None if txn in self.busy else "abort"


class Forgets(Node):
    """Forgets a decision when everybody has acknowledged it; who asks later has not been in doubt."""

    def setup(self):
        self.db.execute("CREATE TABLE committed (txn TEXT PRIMARY KEY, names TEXT)")

    async def start(self):
        self.voting = set()
        for txn, names in self.db.execute("SELECT * FROM committed").fetchall():
            self.create_task(self.tell(txn, names.split()))

    @rpc
    async def transfer(self, txn, moves):
        self.voting.add(txn)
        names = [node for node, *_ in moves]
        calls = [self.call(node, "prepare", txn, owner, amount, timeout=40) for node, owner, amount in moves]
        if [vote for vote in await self.gather(*calls, return_exceptions=True) if vote is not True]:
            self.voting.discard(txn)
            return "abort"
        with self.transaction():
            self.db.execute("INSERT INTO committed VALUES (?, ?)", (txn, " ".join(names)))
        self.voting.discard(txn)
        self.create_task(self.tell(txn, names))
        return "commit"

    async def tell(self, txn, names):
        told = [self.call(name, "commit", txn, timeout=40) for name in names]
        if not any(isinstance(one, RpcError) for one in await self.gather(*told, return_exceptions=True)):
            with self.transaction():
                self.db.execute("DELETE FROM committed WHERE txn = ?", (txn,))

    @rpc
    async def decision(self, txn):
        if txn in self.voting:
            return None
        return "commit" if self.db.execute("SELECT 1 FROM committed WHERE txn = ?", (txn,)).fetchone() else "abort"


class OneAtATime(Escrow):
    """Promises one transaction at a time, whoever it is about."""

    @rpc
    async def prepare(self, txn, owner, amount):
        if self.db.execute("SELECT 1 FROM held WHERE txn <> ?", (txn,)).fetchone():
            return False
        return await super().prepare(txn, owner, amount)


class OneLoopForAll(checks.Participant):
    """A timer that asks for whatever is promised, whoever promised it and when."""

    async def start(self):
        self.every(70, self.look)

    async def look(self):
        for txn in self.promised():
            told = await self.call("n1", "decision", txn, timeout=60)
            if told and txn in self.promised():
                self.settle(txn, told)

    async def find_out(self, txn):
        """The timer does it."""


class Patient(checks.Participant):
    """Waits ever longer, and asks at once after a restart."""

    async def start(self):
        for txn in self.promised():
            self.create_task(self.find_out(txn))

    async def find_out(self, txn):
        pause = 20
        while True:
            if txn not in self.promised():
                return None
            try:
                answer = await self.call("n1", "decision", txn)
            except RpcError:
                answer = None
            if txn in self.promised() and answer is not None:
                return self.settle(txn, answer)
            await self.sleep(pause)
            pause = min(2 * pause, 800)


@pytest.mark.parametrize("check, answer", [
    (checks.check_participant, Escrow), (checks.check_participant, OneAtATime),
    (checks.check_participant, AskingParticipant),
    (checks.check_coordinator, OneByOne), (checks.check_coordinator, Forgets),
    (checks.check_coordinator, ResendingCoordinator), (checks.check_coordinator, TellingCoordinator),
    (checks.check_recovery, OneLoopForAll), (checks.check_recovery, Patient),
    (checks.check_recovery, AskingParticipant)])
def test_right_answers_of_other_shapes_are_right(check, answer, capsys):
    check(answer)
    assert "Right: in " in capsys.readouterr().out


def test_at_the_moment_of_the_vote_both_have_voted_and_the_coordinator_has_not_heard():
    journal = experiment(nodes(TellingCoordinator, AskingParticipant)).run().journal
    voted = [e.time for e in journal.of("note") if e.detail["text"] == "T1: vote yes"]
    decided = [e.time for e in journal.of("note") if e.detail["text"].startswith("T1: decide")]
    assert len(voted) == 2 and max(voted) < VOTED < min(decided)
    heard = [e.time for e in journal.of("receive") if e.node == "n1" and e.message.method == "prepare"]
    assert max(heard) > VOTED


@pytest.mark.parametrize("check", [checks.check_participant, checks.check_coordinator, checks.check_recovery])
def test_whatever_is_no_node_is_told_so(check):
    with pytest.raises(NotAttempted):
        check(...)
    for answer in (None, 3, dict, Node):
        with pytest.raises(Wrong, match=r"made from|has no handler"):
            check(answer)


def test_an_answer_that_raises_is_shown_its_own_line():
    class Breaks(Escrow):
        @rpc
        async def prepare(self, txn, owner, amount):
            return {}["nothing"]

    with pytest.raises(Raised, match="KeyError"):
        checks.check_participant(Breaks)

    class BreaksAtStart(checks.Participant):
        async def start(self):
            return {}["nothing"]

    with pytest.raises(Raised, match="KeyError"):
        checks.check_recovery(BreaksAtStart)


def test_one_crash_can_be_looked_at_again():
    class Forgetful(TellingCoordinator):
        @rpc
        async def decision(self, txn):
            return None

    with pytest.raises(Wrong) as failed:
        swept(nodes(Forgetful, AskingParticipant), ["n1"], None, "check_coordinator(Coordinator")
    assert failed.value.picture.alt.startswith("Space-time diagram")
    assert failed.value.replay.startswith("two_phase_commit.check_coordinator(Coordinator, crash=('n1', ")
    crash = eval(failed.value.replay.partition("crash=")[2][:-1])
    with pytest.raises(Wrong) as again:
        checks.check_coordinator(Forgetful, crash=crash)
    assert again.value.sentence == failed.value.sentence
