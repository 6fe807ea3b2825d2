"""Two-phase commit never comes to two ends, blocks where theory says, and needs each of its forces."""

from collections import Counter

import pytest
from commit_runs import (
    FORCES,
    PRESUMED,
    TRANSFER,
    Bank,
    Coordinator,
    anything,
    experiment,
    first_says_no,
    many,
    price,
    readers,
    requests,
    without,
)

from splitbrain import Cluster, Refused, at, constant, crash, cut, heal, mixture, restart, uniform
from splitbrain.checkers.commit import atomic_commitment
from splitbrain.explore import fuzz, sweep
from splitbrain.faults import duplicate, loss
from splitbrain.protocols.commit_outcome import what_became
from splitbrain.protocols.commit_variants import (
    CooperativeCoordinator,
    CooperativeParticipant,
    InitiatedCoordinator,
    Initiator,
    PresumedAbortCoordinator,
    PresumedAbortParticipant,
    Site,
)
from splitbrain.protocols.two_phase_commit import Participant
from splitbrain.theory.commit_cost import FORMULAS
from splitbrain.workloads import Planned, Workload

REFUSED = {"n2": [["add", "ann", -130]], "n3": [["add", "bob", 130]]}
VARIANTS = [(Coordinator, Bank), (PresumedAbortCoordinator, type("B", (PresumedAbortParticipant, Bank), {})),
            (CooperativeCoordinator, type("C", (CooperativeParticipant, Bank), {}))]


@pytest.fixture
def cluster():
    with Cluster(nodes={"n1": Coordinator, "n2": Bank, "n3": Bank, "n4": Bank}, seed=1) as cluster:
        yield cluster


def until(cluster, **states):
    """Run to the moment at which T1 is in these states."""
    while any(cluster.values(name).get("T1") != state for name, state in states.items()):
        assert cluster.step()


def balances(cluster):
    return [cluster.values(name)[key] for name, key in (("n2", "ann"), ("n3", "bob"))]


@pytest.mark.parametrize("kinds", VARIANTS, ids=["2pc", "presumed abort", "cooperative"])
@pytest.mark.parametrize("work", [TRANSFER, REFUSED], ids=["commit", "abort"])
def test_wherever_one_node_dies_all_come_to_one_end(kinds, work):
    found = sweep(experiment(*kinds, work=work), judge=what_became, progress=False)
    assert found.failures == () and found.verdict.status == "ok"
    assert set(found.counts) - {"in doubt"} == ({"committed", "rolled back"} if work is TRANSFER else {"rolled back"})
    assert work is REFUSED or found.counts["in doubt"] > 5
    for case in found.cases:  # they wait for a coordinator that stays away, and for nobody else
        assert case.outcome != "in doubt" or case.crashes[0].args[0] == "n1"
        assert case.outcome != "in doubt" or "restart" not in dict(case.crashes[0].options)


def test_the_journal_says_the_same():
    found = sweep(experiment(), judge=what_became, progress=False, kinds=("power",))
    said = Counter()
    for case in found.cases:
        run = case.experiment.run()
        verdict = atomic_commitment(run.journal, patience=3000)
        said[verdict.status, *verdict.anomalies] += 1
        assert verdict.status == "ok" or verdict.explanation.startswith("nobody noted as much as 'T1: vote yes'")
    assert said["ok",] > 80 and said["ok", "blocked"] > 20


@pytest.mark.parametrize("kinds", VARIANTS[:2], ids=["2pc", "presumed abort"])
@pytest.mark.parametrize("role, record", FORCES)
def test_a_record_that_is_not_forced_breaks_it(role, record, kinds):
    found = sweep(experiment(*without(role, record, *kinds)), judge=what_became, progress=False, restart=(50.0,))
    assert found.verdict.status == "violated"
    assert {dict(case.crashes[0].options)["kind"] for case in found.failures} == {"power"}
    assert {case.crashes[0].args[0] for case in found.failures} <= ({"n1"} if role == "coordinator" else {"n2", "n3"})


@pytest.mark.parametrize("role, record", PRESUMED)
def test_an_abort_that_is_not_forced_breaks_nothing(role, record):
    for work in (TRANSFER, REFUSED):  # by power: a process that dies loses nothing that a force would keep
        unforced = experiment(*without(role, record), work=work)
        assert sweep(unforced, judge=what_became, progress=False, kinds=("power",)).failures == ()


def test_an_abort_that_a_client_was_told_is_forced_or_may_be_forgotten():
    """What a force of the coordinator's abort buys: not atomicity (Mohan et al., section 3.1), the client's answer."""
    second = {}
    for coordinator in (Coordinator, PresumedAbortCoordinator):
        with Cluster(nodes={"n1": coordinator, "n2": Bank, "n3": Bank}, seed=1) as cluster:
            cluster.cut("n1", "n3")
            assert cluster.client("n1", "a").transact("T1", TRANSFER) == "abort"
            cluster.crash("n1", kind="power")
            cluster.restart("n1")
            cluster.heal()
            second[coordinator] = cluster.client("n1", "b").transact("T1", TRANSFER)
    assert second == {Coordinator: "abort", PresumedAbortCoordinator: "commit"}


@pytest.mark.long
@pytest.mark.parametrize("kinds", VARIANTS, ids=["2pc", "presumed abort", "cooperative"])
def test_wherever_two_crashes_come_all_come_to_one_end(kinds):
    found = sweep(experiment(*kinds), judge=what_became, progress=False, pairs=True)
    assert found.failures == () and found.verdict.status == "ok" and len(found.cases) > 8_000


def patient(kinds):
    """With links that dawdle, or nearly everything is aborted."""
    return (type("Patient", (kinds[0],), {"patience": 250.0}), type("Patient", (kinds[1],), {"patience": 300.0}))


@pytest.mark.parametrize("kinds", VARIANTS, ids=["2pc", "presumed abort", "cooperative"])
def test_fuzz_finds_nothing(kinds):
    found = fuzz(experiment(*patient(kinds), work=many(), nodes=4), runs=200, judge=what_became, progress=False)
    assert found.verdict.status == "ok", found
    assert found.counts["settled"] > 60


@pytest.mark.long
@pytest.mark.parametrize("kinds", VARIANTS, ids=["2pc", "presumed abort", "cooperative"])
def test_fuzz_finds_nothing_in_many_runs(kinds):
    found = fuzz(experiment(*patient(kinds), work=many(), nodes=4), runs=20_000, judge=what_became, progress=False)
    assert found.verdict.status == "ok", found


def test_who_is_in_doubt_waits_longer_for_an_answer_where_answers_are_slow():
    """Found after 19,224 runs of presumed abort, which tells an abort only once: each answer came after 50 ms."""
    work = {"n3": [["add", "bob", -60]], "n4": [["add", "cid", 60]]}
    transfer = Planned(1088, "c2", 0, "transact", "T8", work, 323116)
    found = experiment(*patient(VARIANTS[1]), work=Workload("requests", (transfer,), anything), nodes=4,
                       faults=[at(87, loss(0.3))], latency=mixture((0.7, uniform(1, 5)), (0.3, uniform(20, 200)))).run()
    assert what_became(found) == "rolled back"


def test_a_request_that_comes_twice_is_done_once():
    for delay in range(0, 120, 8):  # the second comes at every moment of the first, and after it
        with Cluster(nodes={"n1": Coordinator, "n2": Bank, "n3": Bank}, seed=1) as cluster:
            first = cluster.client("n1", "a").start("transact", "T1", TRANSFER)
            cluster.run(delay)
            second = cluster.client("n1", "b").start("transact", "T1", TRANSFER)
            cluster.run(500)
            assert first.result == second.result == "commit"
            assert balances(cluster) == [70, 130]


def test_every_message_may_come_twice():
    found = experiment(work=requests(*[TRANSFER] * 2, REFUSED, every=60), faults=[at(0, duplicate(1.0))]).run()
    assert [o.result for o in found.history] == ["commit", "commit", "abort"]
    assert balances(found.cluster) == [40, 160]
    assert atomic_commitment(found.journal).status == "ok"


def test_a_request_of_before_the_crash_is_done_at_most_once():
    for point in range(6, 27):
        with Cluster(nodes={"n1": Coordinator, "n2": Bank, "n3": Bank}, seed=1) as cluster:
            cluster.crash_at("n1", point, kind="power", restart=30)
            cluster.client("n1", "a").start("transact", "T1", TRANSFER)
            cluster.run(400)
            assert cluster.client("n1", "b").transact("T1", TRANSFER) == "commit"
            cluster.run(1000)
            assert balances(cluster) == [70, 130]


class Reborn(Coordinator):
    """The number of its life is not forced, so that after a power cut it has the same one again."""

    async def start(self):
        forced = self.transaction
        self.__dict__["transaction"] = lambda **_: forced(forced=False)
        await super().start()
        del self.__dict__["transaction"]


@pytest.mark.parametrize("kind, ends", [(Reborn, {"aborted", "committed"}), (Coordinator, {"aborted"})])
def test_each_life_of_a_coordinator_names_its_transactions_anew_and_forces_that(kind, ends):
    """Else an answer to a participant's doubts about the old T1 may arrive when it has voted on the new one."""
    with Cluster(nodes={"n1": kind, "n2": Bank, "n3": Bank}, seed=1, latency=constant(4)) as cluster:
        cluster.client("n1", "a").start("transact", "T1", TRANSFER)
        until(cluster, n2="prepared", n3="prepared")
        cluster.crash("n1", kind="power")
        cluster.restart("n1")
        cluster.cut("n1", "n3")
        cluster.run(101)  # both have asked: n3 in vain, n2 is about to be told abort
        cluster.latency(constant(44), "n1", "n2")
        cluster.run(4)
        cluster.heal()
        cluster.latency(constant(1), "n1", "n2")
        cluster.client("n1", "b").start("transact", "T1", TRANSFER)
        while "T1" not in cluster.values("n1"):
            assert cluster.step()
        cluster.latency(constant(100), "n1", "n2")  # the decision comes later than that answer
        cluster.run(2000)
        assert {cluster.values(name)["T1"] for name in ("n2", "n3")} == ends


def test_a_participant_in_doubt_keeps_its_locks_across_a_crash(cluster):
    cluster.client("n1").start("transact", "T1", TRANSFER)
    until(cluster, n2="prepared", n3="prepared")
    cluster.crash("n1")
    cluster.run(200)
    cluster.crash("n2", kind="power")
    cluster.restart("n2")
    with pytest.raises(Refused, match="ann is locked by T1"):
        cluster.client("n2", "other").work("T9", [["read", "ann"]])
    cluster.run(60_000)
    assert cluster.values("n2")["T1"] == "prepared"  # as long as it takes
    cluster.restart("n1")
    cluster.run(2000)
    assert cluster.values("n2")["T1"] == cluster.values("n3")["T1"] == "aborted"
    assert cluster.client("n2", "other").work("T10", [["read", "ann"]]) == [100]


def test_cooperation_helps_where_one_knows_and_only_there():
    def outcome(kinds):
        found = sweep(experiment(*kinds), judge=what_became, progress=False, nodes=["n1"], restart=(None,))
        return [case.outcome for case in found.cases].count("in doubt")

    assert 0 < outcome(VARIANTS[2]) < outcome(VARIANTS[0])


def test_no_money_is_lost_or_made():
    run = experiment(work=many(), nodes=4, faults=[at(90, crash("n2", kind="power")), at(150, restart("n2")),
                                                   at(200, cut("n1", "n3")), at(330, heal())]).run()
    run.cluster.run(3000)
    assert sum(run.cluster.values(name)[key] for name, key in (("n2", "ann"), ("n3", "bob"), ("n4", "cid"))) == 300
    assert what_became(run) == "settled"


def test_a_heuristic_decision_that_was_wrong_is_reported(cluster):
    cluster.client("n1").start("transact", "T1", TRANSFER)
    until(cluster, n1="commit", n3="prepared")
    cluster.cut("n1", "n3")
    until(cluster, n2="committed")
    assert cluster.values("n3")["T1"] == "prepared"
    assert cluster.client("n3").decide_heuristically("T1", "abort") == "heuristically aborted"
    cluster.heal()
    cluster.run(3000)
    assert cluster["n1"].db.execute("SELECT * FROM damage").fetchall() == [("T1", "n3", "heuristically aborted")]
    assert cluster.values("n3") == {"bob": 100, "T1": "aborted"} and balances(cluster) == [70, 100]
    assert atomic_commitment(cluster.journal).anomalies == ("AC1",)


def test_a_heuristic_decision_that_was_right_is_forgotten(cluster):
    cluster.client("n1").start("transact", "T1", TRANSFER)
    until(cluster, n1="commit", n3="prepared")
    cluster.cut("n1", "n3")
    cluster.client("n3").decide_heuristically("T1", "commit")
    cluster.heal()
    cluster.run(3000)
    assert cluster["n1"].db.execute("SELECT * FROM damage").fetchall() == []
    assert balances(cluster) == [70, 130] and cluster.values("n3")["T1"] == "committed"


def test_one_participant_needs_one_phase(cluster):
    cluster.run(1)
    before = cluster.ledger.forced_writes
    assert cluster.client("n1").transact("T1", {"n2": [["add", "ann", 5]]}) == "commit"
    assert cluster.client("n1").transact("T2", {"n2": [["add", "ann", -500]]}) == "abort"
    assert not [e for e in cluster.journal.of("send") if e.message.method == "prepare"]
    assert cluster.ledger.forced_writes - before == 2  # the participant's commit, and its abort


def test_a_branch_that_nobody_prepares_is_given_up(cluster):
    cluster.client("n2").work("T1", [["add", "ann", -1]])
    with pytest.raises(Refused, match="locked by T1"):
        cluster.client("n2").work("T2", [["read", "ann"]])
    cluster.run(150)
    assert cluster.client("n2").work("T3", [["read", "ann"]]) == [100]
    assert cluster.client("n2").prepare("T1") == "no"



CASES = {
    "commit": (Coordinator, Participant, readers(0)),
    "commit, coordinator's own node is one of the n": (Site, Participant, readers(0)),
    "commit, the first vote comes unasked": (InitiatedCoordinator, Initiator, readers(0)),
    "abort, one votes no": (Coordinator, Participant, first_says_no),
    "abort, one votes no, presumed": (PresumedAbortCoordinator, PresumedAbortParticipant, first_says_no),
    "commit, presumed abort": (PresumedAbortCoordinator, PresumedAbortParticipant, readers(0)),
    "commit, one has only read": (Coordinator, Participant, readers(1)),
}


@pytest.mark.parametrize("variant", FORMULAS)
def test_the_ledger_agrees_with_the_formulas(variant):
    for n in range(2, 8):
        coordinator, participant, work = CASES.get(variant, (Coordinator, Participant, readers(n)))
        names = [f"n{i + (1 if coordinator is Site else 2)}" for i in range(n)]
        assert price(coordinator, participant, names, work) == FORMULAS[variant](n)
