"""What a cluster is made of, how it is driven by hand, and what it leaves behind."""

import gc
import json
import tracemalloc
import warnings
from dataclasses import replace

import networkx
import pytest

from splitbrain.cluster import Cluster
from splitbrain.errors import Misuse, Refused, RpcTimeout
from splitbrain.experiment import Experiment
from splitbrain.latency import constant, uniform
from splitbrain.node import Node, rpc
from splitbrain.records import Journal, Ledger
from splitbrain.workloads import Planned, Workload, register


class Register(Node):
    def setup(self):
        self.db.execute("CREATE TABLE register (key TEXT PRIMARY KEY, value)")

    @rpc
    async def put(self, key, value):
        self.db.execute("INSERT OR REPLACE INTO register VALUES (?, ?)", [key, value])

    @rpc
    async def get(self, key):
        row = self.db.execute("SELECT value FROM register WHERE key = ?", [key]).fetchone()
        return row and row[0]

    @rpc
    async def echo(self, value):
        return value

    @rpc
    async def ask(self, node, value):
        return await self.call(node, "echo", value)

    @rpc
    async def refuse(self):
        raise Refused("no")

    @rpc
    async def slow(self, ms):
        await self.sleep(ms)
        return ms


def make(**options):
    return Cluster(Register, **{"nodes": 3, "latency": constant(2), "seed": 1} | options)


# What it is made of.

def test_names_and_classes():
    class Other(Register):
        pass

    assert make().names == ["n1", "n2", "n3"]
    assert make(nodes="paris rome").names == ["paris", "rome"]
    assert make(nodes=(name for name in ("a", "b"))).fresh().names == ["a", "b"]
    mixed = Cluster(nodes={"a": Register, "b": Other})
    assert [type(mixed[name]) for name in mixed.names] == [Register, Other]
    assert repr(mixed) == "Cluster(Register, Other: a b; at 0 ms)"
    assert repr(mixed["b"]) == "<Other b>"


def test_links_from_pairs_a_generator_or_a_graph():
    ring = [("n1", "n2"), ("n3", "n2"), ("n2", "n1")]
    for links in (ring, (pair for pair in ring), networkx.path_graph(["n1", "n2", "n3"])):
        cluster = make(links=links)
        assert cluster.links == [("n1", "n2"), ("n2", "n3")] == cluster.fresh().links
        assert cluster["n1"].peers == ["n2"] and cluster["n2"].peers == ["n1", "n3"]
    assert make().links == [("n1", "n2"), ("n1", "n3"), ("n2", "n3")]
    assert make(links=[])["n1"].peers == []


@pytest.mark.parametrize(("options", "text"), [
    ({"nodes": ["a", "a"]}, "two nodes of one name"), ({"nodes": ["a\tb"]}, "a node's name is a word"),
    ({"nodes": {"a": int}}, "a needs a subclass of Node"), ({"links": [("n1", "n1")]}, "a link joins two nodes"),
    ({"links": networkx.path_graph(3)}, r"link \(0, 1\): 0 is no node"), ({"seed": "x"}, "a seed is a whole number"),
    ({"links": [("n1", "n2", "n3")]}, "a link joins two nodes"), ({"latency": 5}, "latency wants a distribution")])
def test_what_no_cluster_can_be_made_of(options, text):
    with pytest.raises(Misuse, match=text):
        make(**options)


def test_a_handler_that_a_client_could_not_call():
    class Jobs(Node):
        @rpc
        async def submit(self, job):
            pass

    with pytest.raises(Misuse, match="Jobs.submit: clients have a 'submit' of their own"):
        Cluster(Jobs)


# By hand.

def test_a_client_waits_for_its_answer_and_not_longer():
    cluster = make()
    assert cluster.client("n1").put("x", 1) is None and cluster.now == 4
    assert cluster.client("n1").ask("n2", 7) == 7 and cluster.now == 4 + 8
    with pytest.raises(Refused):
        cluster.client("n1").refuse()
    assert len(cluster.clock.heap) == 1, "of all timeouts the nearest stands there; no end of a run does"


def test_a_client_asks_one_thing_at_a_time():
    cluster = make()
    client = cluster.client("n1")
    first, second = client.start("slow", 10), client.start("slow", 5)
    assert repr(second) == "<waiting slow(5,): running>" and client.busy and not first.done
    cluster.run_until_quiet()
    assert (first.returned, second.invoked, second.returned) == (14, 14, 23)
    assert [o.result for o in cluster.history] == [10, 5] and not client.busy


def test_names_of_clients():
    cluster = make()
    assert cluster.client("n2").name == "c2" and cluster.client("n2") is cluster.client("n2")
    assert cluster.client("n2", "bob").name == "bob"
    for node, name, text in (("n1", "bob", "'bob' stands beside n2"), ("n1", "n2", "'n2' is a node"),
                             ("n9", None, "there is no node 'n9'")):
        with pytest.raises(Misuse, match=text):
            cluster.client(node, name)
    assert make(nodes=["paris"]).client("paris").name == "client-paris"


def test_operations_remember_what_was_asked_and_not_what_became_of_it():
    cluster = make()
    value = [1]
    cluster.client("n1").echo(value)
    value.append(2)
    assert cluster.history[0].key == [1]
    assert cluster.journal.of("invoke")[0].detail["key"] == [1]


def test_intervals_of_operations():
    cluster = make(timeout=50)
    a, b = cluster.client("n1"), cluster.client("n2")
    a.start("slow", 20)
    b.start("echo", 1)
    a.start("slow", 500)
    cluster.run(10)
    with pytest.raises(RpcTimeout):
        b.slow(500)
    cluster.run(100)
    told = [(o.process, o.f, o.status, o.start, o.end, o.index) for o in cluster.history]
    assert told == [("c1", "slow", "ok", 0, 4, 0), ("c2", "echo", "ok", 1, 2, 1),
                    ("c2", "slow", "unknown", 3, None, 2), ("c1", "slow", "unknown", 5, None, 3)]
    assert [(o.invoked, o.returned) for o in cluster.history] == [(0, 24), (0, 4), (10, 60), (24, 74)]


def test_what_is_in_flight():
    cluster = make(latency=uniform(1, 9))
    cluster.client("n1").start("ask", "n2", "hello")
    cluster.client("n3").start("echo", 1)
    flying = cluster.in_flight()
    assert [sent for _, sent, _ in flying] == [0, 0]
    assert [arrives for *_, arrives in flying] == sorted(arrives for *_, arrives in flying)
    assert {str(message) for message, *_ in flying} == {"ask(n2, hello)", "echo(1)"}
    promised = {message.id: arrives for message, _, arrives in flying}
    cluster.run_until_quiet()
    assert cluster.in_flight() == []
    came = {e.message.id: e.time for e in cluster.journal.of("receive")}
    assert all(came[id] == pytest.approx(time) for id, time in promised.items())


def test_the_price_of_a_small_protocol_counted_by_hand():
    cluster = make()
    before = cluster.ledger
    assert before == Ledger()
    cluster.client("n1").ask("n2", 7)  # ask, echo, its answer, ask's answer
    price = cluster.ledger - before
    assert price.messages == 4 and price.delays == 4 and price.transactions == 0
    cluster.client("n1").put("x", 1)  # a request, a commit that is forced, an answer
    both = cluster.ledger - before
    assert (both.messages, both.transactions, both.forced_writes) == (6, 1, 1)
    sizes = [e.message.size for e in cluster.journal.of("send")]
    assert both.bytes == sum(sizes) and sizes[1:3] == [10, 5]  # a tuple of one int (5 + 5), an int
    assert [o.delays for o in cluster.history] == [4, 2]
    cluster.cut("n1", "n2")
    with pytest.raises(RpcTimeout):
        cluster.client("n1").ask("n2", 7)
    assert (cluster.ledger - before).messages == 8, "a lost message was sent"


def test_watchers_are_told_of_whatever_changes():
    cluster, seen = make(), []
    cluster.watchers.append(lambda: seen.append(cluster.now))
    cluster.run(5)
    cluster.client("n1").start("put", "x", 1)
    cluster.cut("n1", "n2")
    cluster.step()
    assert seen == [5, 5, 5, 7]


def test_running_with_times_that_cannot_be():
    cluster = make()
    for wrong in (-1, "5", None, float("nan"), float("inf")):
        with pytest.raises(Misuse, match="run's time is a number of milliseconds"):
            cluster.run(wrong)


# Again, and to the end.

def test_fresh_is_the_same_again_and_can_differ():
    cluster = make(links=[("n1", "n2")], timeout=77, seed=5)
    cluster.client("n1").put("x", 1)
    other = cluster.fresh()
    assert (other.links, other.timeout, other.seed, other.now) == (cluster.links, 77, 5, 0)
    assert other.client("n1").get("x") is None
    assert cluster.fresh(seed=9).seed == 9 and len(other.fresh().journal) == 0


def test_a_reset_begins_again_in_place_and_old_clients_say_so():
    cluster = make()
    client = cluster.client("n1")
    client.put("x", 1)
    cluster.cut("n1", "n2")
    seen = []
    cluster.watchers.append(lambda: seen.append(cluster.now))
    assert cluster.reset() is cluster
    assert (cluster.now, len(cluster.journal), cluster.schedule, seen) == (0, 0, [], [0])
    assert not cluster.is_cut("n1", "n2") and cluster.client("n1").get("x") is None
    with pytest.raises(Misuse, match=r"c1 is a client of what the cluster was before its reset; cluster.client\("):
        client.put("x", 1)


def test_closing_leaves_a_cluster_to_be_looked_at():
    cluster = make()
    cluster.client("n1").put("x", 1)
    cluster.client("n1").start("slow", 50)
    cluster.run(10)
    journal, history = cluster.journal.to_bytes(), cluster.history
    cluster.close()
    cluster.close()
    assert (cluster.journal.to_bytes(), cluster.history, cluster.windows()) == (journal, history, [])
    assert cluster.values("n1") == {"x": 1}
    for run in (lambda: cluster.run(1), cluster.step, cluster.run_until_quiet, lambda: cluster.client("n1").get("x")):
        with pytest.raises(Misuse, match="this cluster is closed"):
            run()


def test_a_setup_that_fails_in_the_middle_closes_what_was_opened():
    opened = []

    class Bad(Node):
        def setup(self):
            opened.append(self)
            if self.name == "n2":
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Cluster(Bad, nodes=3)
    assert [node.storage.connection for node in opened] == [None, None]


def test_a_thousand_runs_leave_nothing_behind():
    experiment = Experiment(make(nodes=2), register(clients=2, ops=4))
    for _ in range(50):
        experiment.run()
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(300):
        experiment.run()
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert after - before < 100_000, "less than 350 bytes a run"


# Luck is keyed.

def latencies(cluster, operations):
    workload = Workload("asks", tuple(operations), lambda history: history)
    run = Experiment(cluster, workload).run()
    sent = {e.message.id: e for e in run.journal.of("send")}
    salts = {f"{o.process}#0": o.salt for o in operations}
    return {(salts[e.message.operation], e.message.source, e.message.target, e.message.kind):
            round(e.time - sent[e.message.id].time, 3) for e in run.journal.of("receive")}


def test_taking_away_a_node_that_takes_no_part_changes_nothing():
    asks = [Planned(at=7.0 * i, process=f"c{i}", node=i % 2, f="ask", key=f"n{i % 3 + 1}", value=i, salt=i)
            for i in range(20)]
    large = latencies(make(nodes=5, latency=uniform(1, 50)), asks)
    small = latencies(make(nodes=3, latency=uniform(1, 50)), asks)
    others = latencies(make(nodes="n0 n1 n2 n3", latency=uniform(1, 50)), [replace(o, node=o.node + 1) for o in asks])
    assert large == small == others and len(small) == 20 * 4


# The journal as bytes.

def test_all_plain_data_can_be_written_down():
    values = [10**5000, {1: "a", (2, 3): [b"\x00"]}, {"k": {None: float("nan")}}, "\ud800", -0.0, {"bytes": "00"}]
    cluster = make()
    for value in values:
        cluster.client("n1").echo(value)
    lines = cluster.journal.to_bytes().decode().splitlines()
    assert len(lines) == len(cluster.journal) and all(json.loads(line) for line in lines)
    again = make()
    for value in values:
        again.client("n1").echo(value)
    assert again.journal.digest() == cluster.journal.digest()
    assert len({json.dumps(json.loads(line)[3]) for line in lines if '"send"' in line}) == 2 * len(values)


def test_windows_end_where_their_own_end_is():
    cluster = make(nodes=4)
    cluster.cut("n1", "n2")
    cluster.cut("n1", "n3")
    cluster.pause("n4")
    cluster.run(10)
    cluster.heal("n1", "n2")
    cluster.crash("n4")
    cluster.partition("n1", "n2")
    cluster.run(10)
    cluster.isolate("n3")
    cluster.restart("n4")
    cluster.run(10)
    cluster.heal()
    told = [(w.kind, w.start, w.end) for w in cluster.windows()]
    assert told == [("cut", 0, 10), ("cut", 0, 30), ("pause", 0, 10), ("crash", 10, 20), ("partition", 10, 20),
                    ("isolate", 20, 30)]


def test_a_journal_is_a_sequence_of_events():
    cluster = make()
    cluster.client("n1").put("x", 1)
    journal = cluster.journal
    assert [e.kind for e in journal] == [
        "invoke", "send", "receive", "commit", "values", "send", "receive", "complete"]
    assert journal[-1] == list(journal)[-1] and journal[1:3] == list(journal)[1:3]
    assert str(journal[1]) == "     0.000  c1     send      put(x, 1) c1 -> n1"
    assert Journal(journal.raw).digest() == journal.digest() and repr(journal) == "Journal(8 events)"
    with pytest.raises(IndexError):
        journal[99]


def test_a_cluster_that_nobody_ran_or_closed_goes_in_silence():
    class Ticking(Node):
        def setup(self):
            self.every(10, self.tick)

        async def start(self):
            self.every(10, self.tick)

        def tick(self):
            pass

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        Cluster(Ticking, nodes=2)
        gc.collect()
    assert not told
