"""Every fault does what it says, is a value that prints as its own code, and replays."""

import statistics
from contextlib import suppress

import pytest

from splitbrain import faults as vocabulary
from splitbrain.cluster import Cluster
from splitbrain.errors import Misuse, RpcError, RpcTimeout
from splitbrain.experiment import Experiment
from splitbrain.faults import (
    FAULTS,
    at,
    crash,
    crash_at,
    cut,
    delay,
    deliver,
    drop,
    duplicate,
    heal,
    isolate,
    latency,
    loss,
    partition,
    pause,
    reorder,
    repeat,
    restart,
    resume,
    skew,
    slow,
)
from splitbrain.latency import constant, exponential, mixture, pareto, uniform
from splitbrain.node import Node, rpc
from splitbrain.records import Verdict
from splitbrain.workloads import Planned, Workload


class Post(Node):
    """Writes down what arrives when; has a table, so that there is something to lose."""

    def setup(self):
        self.db["t"].create({"k": str, "v": int}, pk="k")

    def __init__(self):
        self.got = []

    @rpc
    async def take(self, what):
        self.got.append((self.now, what))

    @rpc
    async def tell(self, target, *whats):
        for what in whats:
            self.send(target, "take", what)

    @rpc
    async def ask(self, target, what):
        return await self.call(target, "echo", what, timeout=50)

    @rpc
    async def echo(self, what):
        return what

    @rpc
    async def put(self, key, value):
        with self.transaction(forced=False):
            self.db.execute("INSERT OR REPLACE INTO t VALUES (?, ?)", (key, value))

    @rpc
    async def get(self, key):
        row = self.db.execute("SELECT v FROM t WHERE k = ?", (key,)).fetchone()
        return row and row[0]


def post(nodes=3, **options):
    return Cluster(Post, nodes=nodes, **{"latency": constant(2), "seed": 7} | options)


ALL = [
    partition("n1 n2", "n3"), partition("n1"), partition(["n1"], ["n2", "n3"]), heal(), heal("n1", "n2"),
    cut("n1", "n2"), cut("n1", "n2", one_way=True), isolate("n1"), crash("n1"), crash("n1", kind="power"),
    crash_at("n1", 5), crash_at("n1", 5, kind="power"), restart("n1"), pause("n1"), resume("n1"), slow("n1", 12.5),
    skew("n1", -40), skew("n1", 0, rate=1.5), loss(0.25), loss(0.25, "n1"), loss(1, "n1", "n2"), duplicate(0.5),
    duplicate(0.5, "n1", "n2"), reorder(0.5, 30), reorder(0.5, 30, "n1"), latency(uniform(1, 5)),
    latency(mixture((0.5, constant(1)), (0.5, pareto(1, 2))), "n1"), latency(exponential(3), "n1", "n2"),
    drop("c1#0", "n1", "n2"), drop("c1#0", "n1", "n2", nth=3), delay("c1#0", "n1", "n2", 40),
    delay("c1#0", "n1", "n2", 40, nth=1),
    deliver("c1#0", "n1", "n2"), repeat("c1#0", "n1", "n2"),
]
NAMES = {name: getattr(vocabulary, name) for name in [*FAULTS, "at"]} | {
    "constant": constant, "uniform": uniform, "exponential": exponential, "mixture": mixture, "pareto": pareto}


@pytest.mark.parametrize("fault", ALL, ids=repr)
def test_its_repr_is_its_code(fault):
    assert eval(repr(fault), NAMES) == fault
    assert hash(eval(repr(fault), NAMES)) == hash(fault)
    for ms in (0, 200, 1234.567, 123456.789, 0.001):
        timed = at(ms, fault)
        assert eval(repr(timed), NAMES) == timed and eval(repr(timed), NAMES).ms == ms


def test_the_examples_above_are_of_every_kind():
    assert {fault.name for fault in ALL} == set(FAULTS)
    assert all(hasattr(Cluster, name) for name in FAULTS)


@pytest.mark.parametrize("fault", ALL, ids=repr)
def test_a_method_puts_the_same_fault_into_the_schedule(fault):
    cluster = post()
    if fault.name in ("deliver", "repeat"):  # it has to be under way
        cluster.delay("c1#0", "n1", "n2", 50)
    cluster.client("n1").tell("n2", "something")
    if fault.name == "restart":
        cluster.crash("n1")
    if fault.name == "resume":
        cluster.pause("n1")
    if fault.name in ("crash_at",):
        fault = crash_at("n1", 50, **dict(fault.options))
    cluster.run(1.234)
    cluster.apply(fault)
    written = cluster.schedule[-1]
    assert eval(repr(written), NAMES) == written and written.ms == cluster.now
    if fault.name == "partition":
        assert set(written.fault.args) >= set(fault.args)
    else:
        assert written.fault == fault
    cluster.close()


@pytest.mark.parametrize("wrong", [
    lambda: loss(20), lambda: duplicate(-0.1), lambda: reorder(0.5, -1), lambda: slow("n1", "x"),
    lambda: crash("n1", kind="fire"), lambda: crash_at("n1", 1, kind="fire"), lambda: delay("c1#0", "n1", "n2", -1),
    lambda: latency(5), lambda: at(-1, heal()), lambda: at("now", heal()), lambda: at(5, "heal()")])
def test_a_value_that_cannot_be_is_refused_where_it_is_written(wrong):
    with pytest.raises((ValueError, TypeError)):
        wrong()


@pytest.mark.parametrize("wrong", [
    lambda c: c.apply("heal"), lambda c: c.apply(at(5, heal())), lambda c: c.partition("n1 n2 n3"),
    lambda c: c.partition("n1", "n1 n2"), lambda c: c.partition("n9"), lambda c: c.cut("n1", "n9"),
    lambda c: c.cut("n1", "n1"), lambda c: c.heal("n1"), lambda c: c.crash("n9"), lambda c: c.crash("n1", kind="fire"),
    lambda c: c.restart("n1"), lambda c: c.resume("n1"), lambda c: c.slow("n1", -1), lambda c: c.skew("n1", "x"),
    lambda c: c.skew("n1", 1, rate=0), lambda c: c.loss(2), lambda c: c.loss(0.1, "n1", "n2", "n3"),
    lambda c: c.latency(5), lambda c: c.crash_at("n1", 0), lambda c: c.follow([heal()]), lambda c: c.isolate("c1")])
def test_a_fault_that_cannot_be_is_refused_and_changes_nothing(wrong):
    cluster = post()
    with pytest.raises(Misuse):
        wrong(cluster)
    assert cluster.schedule == [] and len(cluster.journal) == 0
    assert cluster.client("n1").ask("n2", 1) == 1
    cluster.close()


# Cuts.

def reaches(cluster):
    return {f"{a}{b}" for a in cluster.names for b in cluster.names if a != b and not cluster.is_cut(a, b)}


def test_partitions_into_groups_with_an_unnamed_rest():
    cluster = post(5)
    cluster.partition("n1 n2", "n3")
    assert reaches(cluster) == {"n1n2", "n2n1", "n4n5", "n5n4"}
    cluster.partition("n1")
    assert not cluster.is_cut("n2", "n5") and cluster.is_cut("n1", "n2")
    cluster.partition(*cluster.names)
    assert reaches(cluster) == set()
    assert repr(cluster.schedule[0].fault) == "partition('n1 n2', 'n3', 'n4 n5')"
    cluster.heal()
    assert len(reaches(cluster)) == 20


def test_a_new_partition_replaces_the_old_but_cuts_by_hand_stay():
    cluster = post(4)
    cluster.cut("n1", "n2")
    cluster.partition("n1 n2 n3", "n4")
    cluster.partition("n1 n2", "n3 n4")
    assert reaches(cluster) == {"n3n4", "n4n3"}
    cluster.isolate("n4")
    assert reaches(cluster) == {"n1n3", "n3n1", "n2n3", "n3n2"}
    cluster.heal()
    assert len(reaches(cluster)) == 12


def test_one_way_cuts_and_healing_one_link():
    cluster = post()
    cluster.cut("n1", "n2", one_way=True)
    cluster.cut("n2", "n3")
    assert cluster.is_cut("n1", "n2") and not cluster.is_cut("n2", "n1")
    cluster.client("n1").tell("n2", "a")
    cluster.client("n2").tell("n1", "b")
    cluster.run(10)
    assert [w for _, w in cluster["n1"].got] == ["b"] and cluster["n2"].got == []
    cluster.heal("n2", "n1")
    assert not cluster.is_cut("n1", "n2") and cluster.is_cut("n2", "n3")
    assert [(w.fault, w.end) for w in cluster.windows()] == [
        ("cut('n1', 'n2', one_way=True)", cluster.now), ("cut('n2', 'n3')", None)]


def test_healing_one_link_during_a_partition():
    cluster = post(4)
    cluster.partition("n1 n2", "n3 n4")
    cluster.cut("n1", "n2")
    cluster.cut("n1", "n3")
    cluster.heal("n1", "n2")
    assert not cluster.is_cut("n1", "n2")
    before = len(cluster.journal)
    with pytest.raises(Misuse, match="a partition runs between them"):
        cluster.heal("n1", "n3")
    assert len(cluster.journal) == before
    cluster.partition("n1 n2 n3", "n4")
    assert cluster.is_cut("n1", "n3"), "what was refused has changed nothing"


def test_clients_stand_with_their_node_whenever_they_come():
    cluster = post()
    early = cluster.client("n1")
    early.put("x", 1)
    cluster.partition("n1", "n2 n3")
    late = cluster.client("n1", "late")
    assert early.get("x") == late.get("x") == 1
    assert cluster.client("n2").ask("n3", 5) == 5
    with pytest.raises(RpcError, match="RpcTimeout"):
        early.ask("n2", 1)
    cluster.isolate("n3")
    assert cluster.client("n3").get("x") is None and late.ask("n2", 6) == 6
    cluster.heal()
    cluster.cut("c1", "n1")
    with pytest.raises(RpcTimeout):
        early.get("x")
    assert late.get("x") == 1


def test_a_cut_takes_what_is_sent_and_what_would_arrive_meanwhile():
    cluster = post()
    client = cluster.client("n1")
    client.start("tell", "n2", "a")  # arrives at n1 at 2 ms, its message at n2 at 4 ms
    cluster.run(3)
    cluster.cut("n1", "n2")
    client.start("tell", "n2", "b")
    cluster.run(10)
    drops = [(e.time, e.message.body, e.detail["reason"]) for e in cluster.journal.of("drop")]
    assert drops == [(4, ("a",), "cut"), (6, ("b",), "cut")] and cluster["n2"].got == []
    assert cluster.is_quiet()


# Shares.

def shares(cluster, messages=3000):
    cluster.client("n1").tell("n2", *range(messages))
    cluster.run_until_quiet()
    return [w for _, w in cluster["n2"].got]


def test_loss_loses_its_share():
    for share in (0.0, 0.1, 0.5, 1.0):
        cluster = post()
        cluster.loss(share, "n1", "n2")
        got = shares(cluster)
        assert len(got) / 3000 == pytest.approx(1 - share, abs=0.04)
        assert len(cluster.journal.of("drop")) == 3000 - len(got)
        assert all(e.detail == {"reason": "loss"} for e in cluster.journal.of("drop"))


def test_duplicate_delivers_its_share_twice_under_one_id():
    cluster = post(latency=uniform(1, 50))
    cluster.duplicate(0.3, "n1", "n2")
    got = shares(cluster)
    assert len(got) / 3000 == pytest.approx(1.3, abs=0.04) and set(got) == set(range(3000))
    ids = [e.message.id for e in cluster.journal.of("receive") if e.message.method == "take"]
    assert len(ids) == len(got) and len(set(ids)) == 3000
    assert cluster.ledger.messages == 3002 and cluster.is_quiet()


def test_a_request_that_arrives_twice_runs_twice_and_is_answered_once():
    cluster = post()
    cluster.duplicate(1)
    assert cluster.client("n1").ask("n2", 7) == 7
    cluster.run(50)
    asked = [e for e in cluster.journal.of("receive") if e.message.method == "echo" and e.message.kind == "request"]
    assert len(asked) >= 2 and len(cluster.history) == 1


def test_reorder_lets_its_share_arrive_behind():
    cluster = post(in_order=True)
    cluster.reorder(0.2, 10, "n1", "n2")
    got = shares(cluster)
    assert sorted(got) == list(range(3000))
    behind = sum(1 for a, b in zip(got, got[1:], strict=False) if b < a)
    times = dict.fromkeys(w for t, w in cluster["n2"].got if t >= 14)
    assert len(times) / 3000 == pytest.approx(0.2, abs=0.04) and behind >= 1


def test_links_keep_order_only_if_told_to():
    for in_order in (True, False):
        cluster = post(latency=uniform(1, 20), in_order=in_order)
        got = shares(cluster, 200)
        assert (got == list(range(200))) is in_order


def test_latency_of_all_of_a_node_and_of_one_link():
    cluster = post()
    cluster.latency(constant(10))
    cluster.latency(constant(20), "n2")
    cluster.latency(constant(30), "n2", "n3")

    def takes(source, target):
        client = cluster.client(source)
        begin = cluster.now
        client.ask(target, 1)
        return cluster.now - begin

    cluster.client("n3", "later")
    assert takes("n1", "n3") == 10 + 20 + 10
    assert takes("n1", "n2") == 10 + 40 + 10
    with pytest.raises(RpcError, match="no answer within 50 ms"):
        takes("n3", "n2")
    assert takes("n2", "n1") == 20 + 40 + 20, "a client that came later stands on the node's own links"
    cluster.latency(uniform(1, 1))
    assert takes("n2", "n3") == 4


def test_faults_at_a_node_are_for_clients_that_come_later_too():
    cluster = post(timeout=50)
    cluster.loss(1, "n1")
    with pytest.raises(RpcTimeout):
        cluster.client("n1").echo(1)
    assert cluster.client("n2").ask("n3", 1) == 1
    cluster.loss(0)
    assert cluster.client("n1").echo(1) == 1
    assert [(w.kind, w.end is not None) for w in cluster.windows()] == [("loss", True)]


def test_windows_of_losses_end_when_their_own_end_comes():
    cluster = post()
    cluster.loss(0.5, "n1")
    cluster.loss(0.5, "n2", "n3")
    cluster.run(10)
    cluster.loss(0, "n1", "n2")
    cluster.loss(0, "n3", "n2")
    cluster.run(10)
    cluster.duplicate(0.5)
    cluster.loss(0)
    assert [(w.fault, w.start, w.end) for w in cluster.windows()] == [
        ("loss(0.5, 'n1')", 0, 20), ("loss(0.5, 'n2', 'n3')", 0, 10), ("duplicate(0.5)", 20, None)]


# Single messages.

def test_one_message_is_dropped_or_delayed_and_no_other():
    def arrivals(*what):
        cluster = post(latency=uniform(1, 5))
        client = cluster.client("n1")
        for fault in what:
            cluster.apply(fault)
        client.start("tell", "n2", "a", "b", "c")
        client.start("tell", "n2", "d")
        cluster.run(2000)
        return {w: t for t, w in cluster["n2"].got}

    plain = arrivals()
    assert set(plain) == set("abcd")
    assert arrivals(drop("c1#0", "n1", "n2", nth=1)) == {w: plain[w] for w in "acd"}
    assert arrivals(drop("c1#1", "n1", "n2")) == {w: plain[w] for w in "abc"}
    late = arrivals(delay("c1#0", "n1", "n2", 40, nth=2))
    assert late.pop("c") == pytest.approx(plain.pop("c") + 40) and late == plain
    gone = arrivals(drop("c1#0", "c1", "n1"))
    assert set(gone) == {"d"}


# Pause, slow, skew.

def test_a_paused_node_takes_everything_in_order_when_it_goes_on():
    class Busy(Post):
        async def start(self):
            if self.name == "n2":
                self.every(10, lambda: self.got.append((self.now, "tick")))

    cluster = Cluster(Busy, nodes=2, latency=constant(2))
    cluster.run(5)
    cluster.pause("n2")
    assert cluster.state("n2") == "paused"
    for i, what in enumerate("ab"):
        cluster.client("n1").start("tell", "n2", what)
        cluster.run(10 + i)
    assert cluster["n2"].got == [] and not cluster.is_quiet()
    cluster.resume("n2")
    cluster.run(12)
    assert cluster["n2"].got == [(26, "a"), (26, "tick"), (26, "b"), (36, "tick")]
    assert [(w.kind, w.start, w.end) for w in cluster.windows()] == [("pause", 5, 26)]


def test_a_response_that_came_before_its_timeout_is_taken_before_it_after_a_pause():
    async def go(self, ms):
        return await self.call("n2", "echo", 7, timeout=ms)

    kind = type("Kind", (Post,), {"go": rpc(go)})
    for ms, ok in ((30, True), (3, False)):
        cluster = Cluster(kind, nodes=2, latency=constant(2))
        pending = cluster.client("n1").start("go", ms)
        cluster.run(2)
        cluster.pause("n1")
        cluster.run(100)
        cluster.resume("n1")
        cluster.run(5)
        assert (pending.result == 7) is ok
        assert ok or "no answer within 3 ms" in pending.error


def test_a_timeout_block_comes_in_its_order_after_a_pause():
    async def go(self):
        try:
            async with self.timeout(50):
                await self.sleep(20)
                self.got.append("slept")
                await self.sleep(100)
        except TimeoutError:
            self.got.append("timeout")
        await self.sleep(5)
        self.got.append("end")

    cluster = Cluster(type("Kind", (Post,), {"go": rpc(go)}), nodes=1, latency=constant(1))
    cluster.client("n1").start("go")
    cluster.run(5)
    cluster.pause("n1")
    cluster.run(200)
    cluster.resume("n1")
    cluster.run(1)
    assert cluster["n1"].got == ["slept", "timeout"]
    cluster.run(10)
    assert cluster["n1"].got == ["slept", "timeout", "end"]


def test_what_had_come_to_a_paused_node_is_lost_when_it_crashes():
    cluster = post()
    cluster.pause("n2")
    cluster.client("n1").tell("n2", "a")
    cluster.run(10)
    cluster.crash("n2")
    assert cluster.is_quiet()
    assert [(e.detail["reason"], e.message.body) for e in cluster.journal.of("drop")] == [("crashed", ("a",))]
    cluster.restart("n2")
    cluster.run(10)
    assert cluster["n2"].got == [] and cluster.state("n2") == "up"
    assert [(w.kind, w.end) for w in cluster.windows()] == [("pause", 14), ("crash", 14)]


def test_a_slow_node_takes_every_message_up_later():
    cluster = post()
    cluster.slow("n2", 30)
    cluster.client("n1").tell("n2", "a", "b")
    cluster.run(50)
    assert cluster["n2"].got == [(34, "a"), (34, "b")]
    cluster.cut("n1", "n2")
    cluster.slow("n2", 0)
    cluster.heal()
    cluster.client("n1").tell("n2", "c")
    cluster.run(10)
    assert cluster["n2"].got[2] == (58, "c")
    assert [(w.kind, w.end is None) for w in cluster.windows()] == [("slow", False), ("cut", False)]


def test_what_has_reached_a_slow_node_cannot_be_cut_off_any_more():
    cluster = post()
    cluster.slow("n2", 30)
    cluster.client("n1").tell("n2", "a")
    cluster.run(5)
    cluster.cut("n1", "n2")
    cluster.run(50)
    assert [w for _, w in cluster["n2"].got] == ["a"]
    cluster.crash("n2")


def test_a_skewed_clock_shows_another_time_and_measures_its_timers():
    async def go(self, how):
        begin = self.now
        if how == "sleep":
            await self.sleep(100)
        elif how == "timeout":
            try:
                async with self.timeout(100):
                    await self.sleep(1000)
            except TimeoutError:
                pass
        else:
            with suppress(RpcTimeout):
                await self.call("n2", "silent", timeout={"call": 100, "call, float": 100.0}[how])
        return self.now - begin

    async def silent(self):
        await self.sleep(1e6)

    kind = type("Kind", (Post,), {"go": rpc(go), "silent": rpc(silent)})
    cluster = Cluster(kind, nodes=2, latency=constant(1), timeout=10_000)
    cluster.skew("n1", 500)
    assert cluster["n1"].now == 500 and cluster["n2"].now == 0 == cluster.now
    cluster.skew("n1", 500, rate=2)
    for how in ("sleep", "timeout", "call", "call, float"):
        begin = cluster.now
        assert cluster.client("n1").go(how) == pytest.approx(100), how
        assert cluster.now - begin == pytest.approx(50 + 2), how
    shown, now = cluster["n1"].now, cluster.now
    assert shown == pytest.approx(500 + 2 * now)
    cluster.run(10)
    cluster.crash("n1")
    cluster.run(10)
    cluster.restart("n1")
    assert cluster["n1"].now == pytest.approx(shown + 40), "a restart does not set the clock"
    cluster.skew("n1", 0)
    assert cluster["n1"].now == cluster.now
    assert [w.end is None for w in cluster.windows() if w.kind == "skew"] == [False, False]


def test_a_clock_can_run_slow():
    cluster = post(nodes=1)
    cluster.skew("n1", -100, rate=0.5)
    cluster.run(100)
    assert cluster["n1"].now == pytest.approx(-50)


# Crash and restart, as faults (what they leave is test_crash's).

def test_a_power_crash_takes_what_was_not_forced():
    for kind, left in (("process", 1), ("power", None)):
        cluster = post()
        cluster.client("n1").put("x", 1)
        cluster.crash("n1", kind=kind)
        assert cluster.state("n1") == "crashed"
        with pytest.raises(Misuse, match="has crashed already"):
            cluster.crash("n1")
        with pytest.raises(Misuse, match="n1 has crashed: cluster.restart"):
            cluster["n1"]
        cluster.restart("n1")
        assert cluster.client("n1").get("x") == left
        assert cluster.values("n1") == ({"x": 1} if left else {})
        assert [e.kind for e in cluster.journal.of("crash", "restart")] == ["crash", "restart"]


def test_messages_to_a_crashed_node_are_dropped():
    cluster = post()
    cluster.client("n1").start("tell", "n2", "a")
    cluster.run(3)
    cluster.crash("n2")
    cluster.run(10)
    assert [e.detail["reason"] for e in cluster.journal.of("drop")] == ["crashed"]
    assert cluster.is_quiet()


# Schedules.

WILD = [
    at(20, cut("n1", "n2", one_way=True)), at(35.5, heal("n1", "n2")), at(40, partition("n1 n2", "n3")), at(60, heal()),
    at(65, pause("n3")), at(90, resume("n3")), at(95, crash("n2", kind="power")), at(110, restart("n2")),
    at(111, crash_at("n1", 30)), at(120, slow("n3", 5)), at(130, skew("n3", 100, rate=1.25)), at(140, loss(0.1)),
    at(150, duplicate(0.2, "n3")), at(160, reorder(0.2, 20, "n1", "n2")), at(165, latency(uniform(2, 9), "n2")),
    at(170, isolate("n1")), at(180, heal()), at(190, restart("n1")), at(195, drop("c1#4", "c1", "n1")),
    at(196, delay("c2#5", "n2", "n3", 7)), at(268, repeat("c3#8", "n3", "n1")), at(281, deliver("c2#5", "c2", "n2")),
]


def workload(ops=30):
    planned = [Planned(at=10.0 * i, process=f"c{i % 3 + 1}", node=i % 3, salt=i, f="put" if i % 2 else "ask",
                       key="x" if i % 2 else f"n{(i + 1) % 3 + 1}", value=i) for i in range(ops)]
    return Workload("wild", tuple(planned), lambda history: Verdict("ok", "not looked at"))


def test_a_schedule_replays_to_the_same_bytes_and_from_its_own_print():
    experiment = Experiment(Cluster(Post, nodes=3, seed=5, timeout=80), workload(), WILD)
    first = experiment.run()
    assert {f.fault.name for f in first.cluster.schedule} == set(FAULTS)
    printed = eval(repr(first.cluster.schedule), NAMES)
    assert printed == WILD
    again = Experiment(first.cluster, workload(), printed).run()
    assert again.journal.to_bytes() == first.journal.to_bytes()
    assert again.ledger == first.ledger and again.history == first.history
    other = Experiment(Cluster(Post, nodes=3, seed=6, timeout=80), workload(), WILD).run()
    assert other.journal.to_bytes() != first.journal.to_bytes()


def test_what_a_schedule_cannot_do_is_left_out_with_a_note():
    cluster = post()
    cluster.follow([at(5, restart("n1")), at(6, crash("n9")), at(7, cut("n1", "n2"))])
    cluster.run(10)
    notes = [e.detail["text"] for e in cluster.journal.of("note")]
    assert notes == ["left out restart('n1'): n1 has not crashed",
                     "left out crash('n9'): there is no node 'n9'; there are n1, n2, n3"]
    assert cluster.schedule == [at(7, cut("n1", "n2"))]


def test_mean_latency_is_the_distributions():
    cluster = post(latency=exponential(10))
    shares(cluster, 2000)
    flights = [e.time for e in cluster.journal.of("receive") if e.message.method == "take"]
    begin = next(e.time for e in cluster.journal.of("send") if e.message.method == "take")
    assert statistics.fmean(t - begin for t in flights) == pytest.approx(10, rel=0.1)
