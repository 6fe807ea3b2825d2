"""The checks of lab 07: a participant, a coordinator, and what a participant does in doubt."""

from __future__ import annotations

from typing import Any

from splitbrain import Cluster, Node, Refused, RpcError
from splitbrain.course.checks.two_phase_commit_bank import (
    BACK,
    MOVES,
    VOTED,
    AskingParticipant,
    Participant,
    ResendingCoordinator,
    TellingCoordinator,
    balances,
    by_the_money,
    experiment,
    nodes,
    open_account,
    picture,
    swept,
)
from splitbrain.course.checks.watching import raise_first, watched
from splitbrain.course.feedback import Wrong, exercise, expect
from splitbrain.course.learner import blame
from splitbrain.faults import at, crash, cut, delay, heal, isolate, restart
from splitbrain.views import space_time

__all__ = ["Participant", "check_coordinator", "check_participant", "check_recovery", "open_account"]


@exercise("07_two_phase_commit", "participant", title="A participant that keeps its promise", lines=20, seconds=60,
          hints=(
    "A yes is a promise to be able to do both, whatever happens. What would a participant have to find on its disk, "
    "after the power was gone, to be able to commit? And to know that it may not say yes to somebody else?",
    "Keep one row a transaction: its name, owner, amount, and a state (yes, committed, aborted). Write it in a forced "
    "transaction before you return True. The changes of the balance and of the state belong into one transaction.",
    "Each message may come twice, and abort may come before prepare: look at the row first. prepare: known? then "
    "whether its state is yes. Another row with state yes for this owner, or too little money: False. commit: only "
    "from state yes. abort: insert the row as aborted, or turn a yes into aborted."))
def check_participant(participant: type[Node], *, crash: tuple | None = None) -> str:
    """`crash` looks at one crash only: ``("n2", 14, "power")``."""
    own = watched(participant, Node, "Node", "prepare", "commit", "abort")
    if crash is None:
        _votes(own)
        _keeps_its_word(own)
        _plain(nodes(ResendingCoordinator, own), own)
    count = swept(nodes(ResendingCoordinator, participant), ["n2", "n3"], crash, "check_participant(Participant")
    return (f"in {count} runs, with a crash at every point of both participants, the transfer was done or was not, "
            "and the accounts were free again.")


@exercise("07_two_phase_commit", "coordinator", title="A coordinator whose word counts", lines=20, seconds=90,
          hints=(
    "At which moment is the transaction committed? Everything before it may be forgotten, nothing after it. What may "
    "be sent before that moment, and what not? And what counts as a vote for yes?",
    "Gather the votes with return_exceptions=True: only True is a yes; a timeout, an error or False is none. Then "
    "write the decision in a forced transaction, and only then tell it. decision() answers from what was written.",
    "A transaction that is still collecting votes has no decision: remember it in an attribute (set in start, since "
    "attributes are lost with a crash) and answer None. One that is neither there nor in the log was lost in a crash "
    "before its decision: abort."))
def check_coordinator(coordinator: type[Node], *, crash: tuple | None = None) -> str:
    """`crash` looks at one crash only: ``("n1", 14, "power")``."""
    own = watched(coordinator, Node, "Node", "transfer", "decision")
    if crash is None:
        _plain(nodes(own, AskingParticipant), own)
        _needs_every_vote(own)
        _waits_with_its_answer(own)
        _says_what_it_will_do(own)
    count = swept(nodes(coordinator, AskingParticipant), ["n1", "n2", "n3"], crash, "check_coordinator(Coordinator")
    return (f"in {count} runs, with a crash at every point of every node, the transfer was done or was not, as the "
            "client was told, and the bank went on.")


@exercise("07_two_phase_commit", "recovery", title="In doubt, and after a restart", lines=14, seconds=60,
          hints=(
    "In doubt, a participant knows nothing that would let it decide. Who does know? What if that one does not "
    "answer, or answers that it does not know yet?",
    "start has to see to every promise that survived the crash; find_out runs beside the handlers as a task. Ask, "
    "and if there is no decision, sleep and ask again, for as long as it takes. The decision may also come by itself "
    "meanwhile.",
    "find_out: while txn in self.promised(): call n1's decision in a try (RpcError covers timeouts); settle on "
    "\"commit\" or \"abort\", otherwise sleep 100 ms. start: create_task(self.find_out(txn)) for each promise."))
def check_recovery(participant: type[Node], *, crash: tuple | None = None) -> str:
    """`crash` looks at one crash only: ``("n2", 14, "power")``."""
    own = watched(participant, Participant, "two_phase_commit.Participant")
    if crash is None:
        _plain(nodes(TellingCoordinator, own), own)
        _never_decides_alone(own)
        _asks_while_it_runs(own)
    count = swept(nodes(TellingCoordinator, participant), ["n1", "n2", "n3"], crash, "check_recovery(Recovering")
    return (f"in {count} runs, with a crash at every point of every node, nobody decided alone, and once the "
            "coordinator was there again nobody stayed in doubt.")


def _run(classes: dict, own: type[Node], *faults: Any, **options: Any) -> Any:
    try:
        run = experiment(classes, *faults, **options).run()
    except RpcError as error:  # from start, or a task: the run ends, and what was raised is its cause
        raise blame(error.__cause__ or error, f"in a {own.__name__}") from None
    raise_first(own)
    return run


def _plain(classes: dict, own: type[Node]) -> None:
    run = _run(classes, own)
    told, (ann, bob) = run.history[0], balances(run.cluster)
    if told.status == "ok":
        expect(told.result, str, "'commit' or 'abort'", of="transfer(...)")
    if (ann, bob) != (70, 130) or told.result != "commit":
        raise Wrong("Nothing fails, and both participants can do their part of a transfer of 30.",
                    expected="'commit', and then ann has 70, bob has 130",
                    got=f"{told.result!r} ({told.status}), and ann has {ann}, bob has {bob}",
                    picture=picture(run.experiment))
    by = by_the_money(run)
    if not isinstance(by, str):
        raise Wrong(f"Nothing failed, and {by.explanation}.", picture=picture(run.experiment))


class _Calls:
    """A participant n2 by itself, asked by hand; what was asked and answered is kept for the message."""

    def __init__(self, own: type[Node]):
        self.own, self.said = own, []
        self.cluster = Cluster(nodes=nodes(TellingCoordinator, own), seed=1)

    def __call__(self, method: str, *arguments: Any) -> Any:
        call = f"{method}({', '.join(map(repr, arguments))})"
        try:
            answer = getattr(self.cluster.client("n2"), method)(*arguments)
        except (Refused, RpcError) as error:
            raise_first(self.own)
            raise Wrong(f"{call} ends in an error.", expected="an answer",
                        got=f"{type(error).__name__}: {error}") from None
        self.said.append(f"{call} -> {answer!r}" if method == "prepare" else call)
        return expect(answer, bool, "True or False", of=call) if method == "prepare" else answer

    def wants(self, sentence: str, expected: Any, got: Any) -> None:
        if got != expected:
            raise Wrong(sentence, expected=expected, got=f"{got!r}, after {'; '.join(self.said)}")

    def promises_all(self) -> None:
        self.wants("Ann has 100 and is to send all of it: that can be promised, 0 is not negative.", True,
                   self("prepare", "Z", "ann", -100))

    def ann(self) -> int:
        return balances(self.cluster)[0]


def _votes(own: type[Node]) -> None:
    _Calls(own).promises_all()
    ask = _Calls(own)
    ask.wants("Ann has 100 and is to send 101: that cannot be promised.", False, ask("prepare", "A", "ann", -101))
    ask.wants("Nobody called zoe has an account on n2.", False, ask("prepare", "B", "zoe", 5))
    ask.wants("Ann has 100 and is to send 60: that can be promised.", True, ask("prepare", "C", "ann", -60))
    ask.wants("The request to prepare comes a second time, because the first answer was lost.", True,
              ask("prepare", "C", "ann", -60))
    ask.wants("Before the decision nobody may see the change in the table account.", 100, ask.ann())
    ask.wants("60 of Ann's 100 coins are promised to C already. If D gets a yes for another 60 and both commit, she "
              "has -20.", False, ask("prepare", "D", "ann", -60))
    ask("commit", "C")
    ask.wants("C is committed: 60 of Ann's 100 coins leave, as was promised.", 40, ask.ann())
    ask("commit", "C")
    ask.wants("The decision to commit C came twice; the money leaves once.", 40, ask.ann())
    ask.wants("C is over; so Ann's 40 can be promised again.", True, ask("prepare", "E", "ann", -40))
    ask("abort", "E")
    ask.wants("E was aborted, so nothing of it may be left.", 40, ask.ann())
    ask.wants("E was aborted, so the money is free again.", True, ask("prepare", "F", "ann", -40))


def _keeps_its_word(own: type[Node]) -> None:
    ask = _Calls(own)
    ask("abort", "A")
    ask.wants("abort of A came before prepare of A, which was late. Whoever asks for that vote has aborted: if you "
              "say yes now, nobody will ever tell you the decision.", False, ask("prepare", "A", "ann", -10))
    ask("prepare", "B", "ann", -30)
    ask.cluster.crash("n2", kind="power")
    ask.said.append("the power of n2 goes, and comes back")
    ask.cluster.restart("n2")
    ask.wants("n2 voted yes on B, and then its power was gone for a moment. A promise has to survive that; also, "
              "Ann's coins are still promised to B.", False, ask("prepare", "C", "ann", -90))
    ask("commit", "B")
    ask.wants("n2 voted yes on B, lost its power, and is now told to commit B, as it promised it could.", 70, ask.ann())
    ask("abort", "B")
    ask.wants("An old message to abort B comes late; B is committed, and stays so.", 70, ask.ann())


def _needs_every_vote(own: type[Node]) -> None:
    classes = nodes(own, AskingParticipant)
    refused = [["n2", "ann", -130], ["n3", "bob", 130]]
    trials = [("n2 votes no: Ann has too little", (), refused),
              ("n3 has an account for nobody called zoe", (), [["n2", "ann", -30], ["n3", "zoe", 30]]),
              ("n3 is cut off and does not answer", (at(0, isolate("n3")), at(2000, heal())), MOVES),
              ("n3 is down", (at(0, crash("n3")), at(2000, restart("n3"))), MOVES)]
    for why, faults, moves in trials:
        run = _run(classes, own, *faults, moves=moves, until=6000)
        told, found = run.history[0], balances(run.cluster)
        if found != (100, 100):
            raise Wrong(f"Suppose {why}. Without a yes from every participant nothing may be committed.",
                        expected="ann has 100, bob has 100", got=f"ann has {found[0]}, bob has {found[1]}",
                        picture=picture(run.experiment))
        if told.status != "ok" or told.result != "abort":
            raise Wrong(f"Suppose {why}. The client waits for a word.",
                        expected="transfer(...) returns 'abort'",
                        got=f"{told.result!r}" if told.status == "ok" else told.error or "no answer",
                        picture=picture(run.experiment))


def _waits_with_its_answer(own: type[Node]) -> None:
    """n3's vote is late, and n2 asks before it is there."""
    for late in (30, 90, 140, 400, 800):
        run = _run(nodes(own, AskingParticipant), own, at(0, delay("c1#0", "n1", "n3", late)), until=6000)
        verdict = by_the_money(run)
        if not isinstance(verdict, str):
            raise Wrong(f"The request for n3's vote takes {late} ms longer than usual. n2 has voted and asks for the "
                        f"decision before there is one. Then {verdict.explanation}.",
                        expected="no decision until there is one",
                        got=verdict.explanation, picture=picture(run.experiment))


def _says_what_it_will_do(own: type[Node]) -> None:
    """n2 has voted, n3's vote takes its time; somebody asks at each moment from then on."""
    for later in range(0, 60, 2):
        with Cluster(nodes=nodes(own, AskingParticipant), seed=1, timeout=5000) as cluster:
            cluster.delay("c1#0", "n1", "n3", 25)
            told = cluster.client("n1", "c1").start("transfer", "T1", MOVES)
            while not cluster["n2"].promised() and cluster.step():
                pass
            cluster.run(later)
            asked = cluster.client("n1", "c2").start("decision", "T1")
            while asked.status == "unknown" and cluster.now < 400 and cluster.step():
                pass
            in_doubt = cluster["n2"].promised()
            cluster.run(1000)
            raise_first(own)
            if in_doubt and {asked.result, told.result} == {"abort", "commit"}:
                raise Wrong(f"n2 has voted, and {later} ms later decision('T1') is asked, as n2 may after a restart. "
                            f"The answer and the result of transfer are not the same, so n2 would end T1 otherwise "
                            "than n3.", expected=f"None, or {told.result!r}", got=f"{asked.result!r}",
                            picture=space_time(cluster, start=0, end=150, width=800, limit=30))


def _asks_while_it_runs(own: type[Node]) -> None:
    """The decision is told once, into a cut link; nobody crashes."""
    for name in ("n2", "n3"):
        run = _run(nodes(TellingCoordinator, own), own, at(VOTED, cut("n1", name, one_way=True)), at(1500, heal()),
                   until=6000)
        verdict = by_the_money(run)
        if not isinstance(verdict, str):
            raise Wrong(f"Nobody crashes; for a while nothing comes through from n1 to {name}, and so the decision "
                        f"is lost. Then {verdict.explanation}.", expected="a participant that asks until it knows",
                        got=verdict.explanation, picture=picture(run.experiment))


def _never_decides_alone(own: type[Node]) -> None:
    """n1 dies after the votes, and stays away for long; n2 and n3 restart meanwhile."""
    faults = [at(VOTED, crash("n1")), at(900, crash("n2", kind="power")), at(900 + BACK, restart("n2"))]
    run = _run(nodes(TellingCoordinator, own), own, *faults, until=8000)
    for name in ("n2", "n3"):
        if "T1" not in run.cluster[name].promised():
            raise Wrong(f"n1 is down, after both have voted yes. 8 seconds later {name} has decided by itself. n1 "
                        "may have decided otherwise, and told it to somebody: a promise holds until one is told.",
                        expected="T1 still promised on n2 and n3", got=f"{name} has settled T1",
                        picture=picture(run.experiment))
    run.cluster.restart("n1")
    run.cluster.run(5000)
    waiting = [name for name in ("n2", "n3") if run.cluster[name].promised()]
    if waiting:
        who = " and ".join(waiting)
        raise Wrong(f"n1 was down for 8 seconds and is there again. 5 seconds later what became of T1 is unknown to "
                    f"{who}. (n2 was restarted meanwhile, n3 was not.)", expected="nobody in doubt",
                    got=f"still promised on {who}", picture=picture(run.experiment))
