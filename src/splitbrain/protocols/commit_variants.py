"""Two-phase commit with something left out, or something more.

`PresumedAbort...` forces and acknowledges less. `Cooperative...` lets participants in doubt ask each other. `Site` has
coordinator and participant on one node, `Initiator` votes before it is asked: what Gray and Lamport count.
"""

from __future__ import annotations

from splitbrain.node import rpc
from splitbrain.protocols.resource_manager import COMMITTED, HEURISTIC, NO, PREPARED, YES
from splitbrain.protocols.two_phase_commit import Coordinator, Participant


class PresumedAbortCoordinator(Coordinator):
    """Aborts are neither forced nor acknowledged: who asks about a transaction that is not in the log is told abort.

    Mohan, Lindsay and Obermarck 1986, section 3.1. Taking these forces out of `Coordinator` breaks nothing, as a sweep
    shows. But an abort that was answered to the client is forgotten with the power, and on a network that duplicates
    requests such a request may then be done after all, as another transaction.
    """

    forced = frozenset({"commit"})

    async def tell(self, txn: str, decision: str, participants: list[str]) -> None:
        if decision == "commit":
            return await super().tell(txn, decision, participants)
        for name in participants:
            self.send(name, "rollback", txn)
        with self.transaction(forced=False):
            self.db.execute("DELETE FROM log WHERE txn = ?", (txn,))
        return None


class PresumedAbortParticipant(Participant):
    """Forces what makes it able to commit, and that it has."""

    forced = frozenset({"prepare", "commit"})


class CooperativeCoordinator(Coordinator):
    """Tells each participant who the others are."""

    def ballot(self, txn: str, names: list[str]) -> tuple:
        return (txn, [self.name, *names])


class CooperativeParticipant(Participant):
    """In doubt, asks the other participants as well: cooperative termination.

    Bernstein, Hadzilacos and Goodman 1987, section 7.4. One that has been told tells it on. One that has not voted
    decides for all, to abort; it has to keep that, so it forces it. Where all have voted yes and none was told they
    block, as before. One that has only read counts as a yes that is bound like any other: had it left, it could not be
    told from one that never voted.
    """

    leaves_after_reading = False

    @rpc
    async def inquire(self, xid: str) -> str | None:
        """What another participant in doubt asks; None: no help here."""
        state = self.manager.state(xid)
        if state == COMMITTED:
            return "commit"
        if state == PREPARED or state in HEURISTIC.values():
            return None
        self.obey(xid, "abort")
        return "abort"


class Site(Coordinator, Participant):
    """Coordinator and participant on one node: messages between the two cost nothing."""

    forced = Coordinator.forced | Participant.forced

    def setup(self) -> None:
        Coordinator.setup(self)
        Participant.setup(self)

    async def start(self) -> None:
        await Participant.start(self)
        await Coordinator.start(self)

    def values(self) -> dict:
        return Participant.values(self)


class InitiatedCoordinator(Coordinator):
    """Takes the first vote with the request to commit."""

    @rpc
    async def prepared(self, txn: str, names: list) -> None:
        """Who sends this has voted yes."""
        self.undecided.add(txn)
        await self.commit_protocol(txn, txn, names, voted=[self.sender])


class Initiator(Participant):
    """Prepares unasked, and has the coordinator see to the others."""

    @rpc
    async def begin_commit(self, txn: str, coordinator: str, names: list) -> str:
        """Vote; if it is yes, the coordinator hears of it."""
        vote = self.manager.prepare(txn, coordinator)
        self.log(f"{txn}: vote {vote}")
        if vote == NO:
            self.log(f"{txn}: decide abort")
        if vote == YES:
            self.ask_for_decision(txn, after=self.patience)
            self.send(coordinator, "prepared", txn, names)
        return vote
