"""Runs of two-phase commit: clusters, requests, and what they cost."""

from splitbrain import Cluster, Experiment, constant
from splitbrain.protocols.commit_variants import Initiator
from splitbrain.protocols.two_phase_commit import Coordinator, Participant
from splitbrain.records import Verdict
from splitbrain.theory.commit_cost import counted
from splitbrain.workloads import Planned, Workload

OWN = {"n2": "ann", "n3": "bob", "n4": "cid"}
TRANSFER = {"n2": [["add", "ann", -30]], "n3": [["add", "bob", 30]]}
FORCES = [("coordinator", "commit"), ("participant", "prepare"), ("participant", "commit")]
PRESUMED = [("coordinator", "abort"), ("participant", "abort")]


class Bank(Participant):
    accounts = {name: {key: 100} for name, key in OWN.items()}


def anything(history):
    return Verdict("ok", "the databases are judged")


def requests(*works, every=40.0):
    return Workload("requests", tuple(Planned(every * i, f"c{i % 3 + 1}", 0, "transact", f"T{i + 1}", work, i)
                                      for i, work in enumerate(works)), anything)


def experiment(coordinator=Coordinator, participant=Bank, *, work=TRANSFER, nodes=3, faults=(), until=None, **options):
    names = {f"n{i + 2}": participant for i in range(nodes - 1)}
    cluster = Cluster(nodes={"n1": coordinator, **names}, seed=1, **options)
    cluster.close()  # it is only copied
    return Experiment(cluster, work if isinstance(work, Workload) else requests(work), faults, until)


def without(role, record, coordinator=Coordinator, participant=Bank):
    """Both classes, one record of one of them not forced."""
    if role == "coordinator":
        coordinator = type("Hasty", (coordinator,), {"forced": coordinator.forced - {record}})
    else:
        participant = type("Hasty", (participant,), {"forced": participant.forced - {record}})
    return coordinator, participant


def many(count=16):
    """Transfers, each of the three pairs in turn; some refused, some that only read."""
    works = []
    for i in range(count):
        a, b, c = [list(OWN)[(i + j) % 3] for j in range(3)]
        amount = 17 * i % 60 + 1
        works.append([{a: [["add", OWN[a], -amount]], b: [["add", OWN[b], amount]]},
                      {a: [["add", OWN[a], -amount]], b: [["read", OWN[b]]], c: [["add", OWN[c], amount]]},
                      {name: [["read", OWN[name]]] for name in OWN},
                      {a: [["add", OWN[a], -900]], b: [["add", OWN[b], 900]]}][(0, 1, 0, 2, 0, 1, 3)[i % 7]])
    return requests(*works)


def first_says_no(names):
    return {name: [["add", key(name), -900 if name == names[0] else 1]] for name in names}


def readers(count):
    return lambda names: {name: [["read", key(name)] if i < count else ["add", key(name), 1]]
                          for i, name in enumerate(names)}


def key(name):
    return f"of {name}"


def price(coordinator, participant, names, work):
    """What one transaction has cost, by its journal."""
    own = {"accounts": {name: {key(name): 100} for name in ["n1", *names]}}
    kinds = [type(kind.__name__, (kind,), own) for kind in (coordinator, participant)]
    nodes = {"n1": kinds[0], **{name: kinds[1] for name in names if name != "n1"}}
    with Cluster(nodes=nodes, latency=constant(1)) as cluster:
        if issubclass(participant, Initiator):
            for name, operations in work(names).items():
                cluster.client(name, f"w{name}").start("work", "T1", operations)
            cluster.run(2)
            cluster.client(names[0]).start("begin_commit", "T1", "n1", names)
        else:
            cluster.client("n1").start("transact", "T1", work(names))
        cluster.run(40)
        return counted(cluster.journal)
