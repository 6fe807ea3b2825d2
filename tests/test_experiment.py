"""Experiments and clusters: the same run each time, its price, and runs that stay what they were when cut down."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from splitbrain import Cluster, Experiment, Misuse, Node, Refused, RpcError, at, crash, heal, partition, register, rpc
from splitbrain.records import Ledger


class Copies(Node):
    """Writes here, tells the others, waits for all of them."""

    def setup(self):
        self.db.execute("CREATE TABLE register (key TEXT PRIMARY KEY, value INTEGER)")

    @rpc
    async def store(self, key, value):
        with self.transaction():
            self.db.execute("INSERT OR REPLACE INTO register VALUES (?, ?)", [key, value])

    @rpc
    async def put(self, key, value):
        if value is None:
            raise Refused("nothing to store")
        await self.store(key, value)
        await self.gather(*[self.call(peer, "store", key, value, timeout=50) for peer in self.peers])

    @rpc
    async def get(self, key):
        return self.values().get(key)


FAULTS = [at(150, partition("n1", "n2 n3")), at(500, heal()), at(600, crash("n2"))]


def experiment(workload=None, faults=FAULTS):
    return Experiment(Cluster(Copies, nodes=3, seed=3), workload=workload or register(ops=30, seed=1), faults=faults)


def test_an_experiment_does_the_same_each_time_and_leaves_its_cluster_alone():
    one = experiment()
    first, second = one.run(), one.run()
    assert first.journal.to_bytes() == second.journal.to_bytes()
    assert first.history == second.history
    assert len(first.history) == 30 and {o.status for o in first.history} == {"ok", "unknown"}
    assert one.cluster.now == 0 and len(one.cluster.history) == 0


def test_it_can_be_run_on_a_cluster_with_other_arguments():
    one = experiment()
    quiet = one.run(journal=False)
    assert len(quiet.journal) == 0 and quiet.history == one.run().history
    assert one.run(seed=4).history != quiet.history


def test_a_run_that_ends_in_an_error_leaves_no_database_open(monkeypatch):
    class Fails(Copies):
        async def start(self):
            raise ZeroDivisionError("at its start")

    made = []
    fresh = Cluster.fresh
    monkeypatch.setattr(Cluster, "fresh", lambda self, **changes: made.append(fresh(self, **changes)) or made[-1])
    with pytest.raises(RpcError, match="at its start"):
        Experiment(Cluster(Fails, nodes=2), register(ops=1)).run()
    with pytest.raises(Misuse, match="this cluster is closed"):
        made[0].run(1)


def test_another_seed_is_another_run():
    other = Experiment(Cluster(Copies, nodes=3, seed=4), workload=register(ops=30, seed=1), faults=FAULTS)
    assert other.run().journal.to_bytes() != experiment().run().journal.to_bytes()


def test_the_price_of_a_write_is_counted_by_hand():
    cluster = Cluster(Copies, nodes=3)
    cluster.client("n1").put("x", 1)
    # client to n1, n1 to n2 and n3, both answers, the answer to the client; a commit on each node.
    assert cluster.ledger == Ledger(messages=6, bytes=cluster.ledger.bytes, delays=4, transactions=3, forced_writes=3)
    assert cluster.ledger.bytes == sum(e.message.size for e in cluster.journal.of("send")) > 0
    before = cluster.ledger
    cluster.client("n1").get("x")
    price = cluster.ledger - before
    assert (price.messages, price.transactions, price.forced_writes) == (2, 0, 0)


def sendings(run):
    """Every message that operations sent, with its latency, by operation."""
    sent = {e.message.id: e for e in run.journal.of("send")}
    invoked = {e.detail["operation"]: e.time for e in run.journal.of("invoke")}
    told = {}
    for event in run.journal.of("receive"):
        message = event.message
        began = sent[message.id].time
        told.setdefault(message.operation, []).append(
            (message.source, message.target, message.method, message.kind, round(event.time - began, 3),
             round(began - invoked[message.operation], 3)))
    return {key: sorted(value) for key, value in told.items()}


@settings(max_examples=25, derandomize=True, database=None, deadline=None)
@given(st.sets(st.integers(0, 29), max_size=12))
def test_taking_operations_away_changes_no_other(gone):
    """Without faults: each operation's messages keep their latencies, whatever else is left out of the plan."""
    whole = register(ops=30, seed=1, every=400)  # far apart, so that no operation waits for another of its client
    everything, rest = experiment(whole, ()).run(), experiment(whole.without(*gone), ()).run()
    kept = [i for i in range(30) if i not in gone]
    before = sendings(everything)
    names = {}  # an operation is named by its client and its number there, which leaving others out changes
    for i, operation in enumerate(whole.operations):
        process = operation.process
        old = f"{process}#{sum(o.process == process for o in whole.operations[:i])}"
        new = f"{process}#{sum(whole.operations[j].process == process for j in kept if j < i)}"
        if i in kept:
            names[new] = old
    after = sendings(rest)
    assert {names[new]: messages for new, messages in after.items()} == {old: before[old] for old in names.values()}
    assert len(after) == len(kept)


def test_stepping_is_running():
    runs = []
    for step in (True, False):
        cluster = Cluster(Copies, nodes=3, seed=5)
        cluster.client("n1").start("put", "x", 1)
        cluster.client("n2").start("put", "x", 2)
        if step:
            while not cluster.is_quiet():
                assert cluster.step()
        else:
            cluster.run_until_quiet()
        runs.append((cluster.journal.to_bytes(), cluster.now))
    assert runs[0] == runs[1]


def test_the_journal_changes_nothing_and_neither_do_its_crash_points():
    clusters = [Cluster(Copies, nodes=3, seed=5, journal=journal) for journal in (True, False)]
    for cluster in clusters:
        cluster.follow([at(0, crash("n3"))])
        with pytest.raises(RpcError, match="n3.store: no answer within 50 ms"):
            cluster.client("n1").put("x", 1)
    assert clusters[0].history == clusters[1].history
    assert clusters[0].ledger == clusters[1].ledger
    points = [[c.network.endpoints[name].points for name in c.names] for c in clusters]
    assert points[0] == points[1] and sum(points[0]) > 5
    assert len(clusters[1].journal) == 0


def test_definite_and_indefinite_ends():
    cluster = Cluster(Copies, nodes=3)
    with pytest.raises(Refused, match="nothing to store"):
        cluster.client("n1").put("x", None)
    cluster.partition("n1", "n2 n3")
    cluster.client("n1").start("put", "x", 1)
    cluster.run_until_quiet()
    assert [o.status for o in cluster.history] == ["fail", "unknown"]
    assert cluster.history[1].end is None


def test_a_schedule_replays():
    cluster = Cluster(Copies, nodes=3, seed=9)
    cluster.client("n1").start("put", "x", 1)
    cluster.run(3)
    cluster.cut("n1", "n2", one_way=True)
    cluster.run(40)
    cluster.crash("n3", kind="power")
    cluster.run(500)
    again = Cluster(Copies, nodes=3, seed=9)
    again.client("n1").start("put", "x", 1)
    again.follow(cluster.schedule)
    again.run(543)
    assert again.journal.to_bytes() == cluster.journal.to_bytes()


def test_a_closed_cluster_can_be_looked_at_but_not_run():
    with Cluster(Copies, nodes=2) as cluster:
        cluster.client("n1").put("x", 1)
    assert cluster.values("n2") == {"x": 1}
    with pytest.raises(Misuse, match="closed"):
        cluster.run(1)


@pytest.mark.parametrize("wrong, words", [
    (lambda: Cluster(Copies, nodes=0), "at least one node"), (lambda: Cluster(nodes=2), "subclass of Node"),
    (lambda: Cluster(Copies, nodes=["a b"]), "name is a word"),
    (lambda: Cluster(Copies, nodes=2)["n3"], "no node 'n3'"),
    (lambda: Cluster(Copies, links=[("n1", "n9")]), "n9"), (lambda: Cluster(Copies).run(-1), "milliseconds"),
])
def test_wrong_arguments_have_a_sentence(wrong, words):
    with pytest.raises(Misuse, match=words):
        wrong()
