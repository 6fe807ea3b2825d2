"""A crash lands exactly where it is meant to, and leaves nothing of the node running, whatever its code does."""

import gc
import subprocess
import sys
import textwrap
from contextlib import suppress

import pytest

from splitbrain.cluster import Cluster
from splitbrain.errors import Misuse, RpcTimeout, RunsForever
from splitbrain.latency import constant
from splitbrain.node import Node, rpc

LEFT = []  # what code did after its node had died


class Mortal(Node):
    def setup(self):
        with self.transaction():
            self.db.execute("CREATE TABLE t (v)")

    @rpc
    async def rows(self):
        return [v for v, in self.db.execute("SELECT v FROM t ORDER BY rowid")]

    @rpc
    async def note(self, what):
        LEFT.append(what)
        return what


def cluster_of(**members):
    LEFT.clear()
    kind = type("Kind", (Mortal,), {n: m if n in ("start", "__init__") else rpc(m) for n, m in members.items()})
    return Cluster(kind, nodes=2, latency=constant(1), timeout=50)


# Nothing runs on.

async def calls_in_finally(self):
    try:
        await self.sleep(100)
    finally:
        LEFT.append(await self.call("n2", "note", "called"))


async def sends_in_finally(self):
    try:
        await self.sleep(100)
    finally:
        self.send("n2", "note", "sent")
        LEFT.append("sent")


async def writes_in_finally(self):
    try:
        await self.sleep(100)
    finally:
        self.db.execute("INSERT INTO t VALUES ('late')")
        LEFT.append("wrote")


async def writes_by_a_captured_db(self):
    db, connection, cursor = self.db, self.db.conn, self.db.conn.cursor()
    try:
        await self.sleep(100)
    finally:
        for write in (db.execute, connection.execute, cursor.execute):
            try:
                write("INSERT INTO t VALUES ('late')")
                LEFT.append("wrote")
            except BaseException:
                pass


async def enters_a_captured_transaction(self):
    transaction = self.transaction()
    try:
        await self.sleep(100)
    finally:
        with transaction:
            LEFT.append("in it")


async def catches_everything_and_goes_on(self):
    for _ in range(5):
        try:
            await self.sleep(100)
            LEFT.append("slept")
        except BaseException:
            continue
    LEFT.append("to the end without an effect")
    self.send("n2", "note", "sent")
    LEFT.append("sent")


async def schedules_in_finally(self):
    try:
        await self.sleep(100)
    finally:
        for attempt in (lambda: self.every(1, lambda: LEFT.append("tick")), lambda: self.create_task(echo()),
                        lambda: self.log("x"), lambda: setattr(self, "role", "ghost"), self.random, self.event,
                        lambda: self.timeout(5), self.force, lambda: self.gather(self.sleep(1))):
            try:
                attempt()
                LEFT.append("done")
            except BaseException as error:
                assert type(error).__name__ == "Crash"


async def echo():
    LEFT.append("echo")


async def in_a_gather(self):
    async def wait(ms):
        try:
            await self.sleep(ms)
        finally:
            self.send("n2", "note", "sent")

    await self.gather(wait(100), wait(200), self.call("n2", "note", "before"))


async def in_a_timeout(self):
    async with self.timeout(60):
        try:
            await self.sleep(100)
        finally:
            self.send("n2", "note", "sent")


async def waits_for_an_event(self):
    event = self.event()
    try:
        await event.wait()
    finally:
        event.set()
        self.send("n2", "note", "sent")


async def asynchronous_generator(self):
    async def numbers():
        try:
            while True:
                await self.sleep(100)
                yield 1
        finally:
            self.send("n2", "note", "sent")

    async for _ in numbers():
        LEFT.append("a number")


async def beats(self):
    self.every(5, lambda: self.send("n2", "note", "beat"))
    self.create_task(sends_in_finally(self))
    await self.sleep(100)


BODIES = [calls_in_finally, sends_in_finally, writes_in_finally, writes_by_a_captured_db, enters_a_captured_transaction,
          catches_everything_and_goes_on, schedules_in_finally, in_a_gather, in_a_timeout, waits_for_an_event,
          asynchronous_generator, beats]
HARMLESS = {"to the end without an effect", "before"}


@pytest.mark.parametrize("inside", [True, False], ids=["in a run", "between runs"])
@pytest.mark.parametrize("body", BODIES, ids=lambda f: f.__name__)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_nothing_of_a_crashed_node_runs_on(body, inside):
    cluster = cluster_of(go=body)
    cluster.client("n1").start("go")
    cluster.run(4)
    LEFT[:] = []
    if inside:
        cluster.clock.call_at(4500, lambda _: cluster.crash("n1"))
        cluster.run(1)
    else:
        cluster.crash("n1")
    before = len(cluster.journal)
    cluster.restart("n1")
    cluster.run(500)
    gc.collect()
    cluster.run(500)
    later = cluster.journal[before:]
    assert set(LEFT) <= HARMLESS
    assert cluster.client("n1").rows() == []
    assert not [e for e in later if e.kind in ("send", "note", "role", "commit") and e.node == "n1"]
    assert not cluster.network.endpoints["n1"].process.tasks and cluster.is_quiet()
    assert cluster.client("n1").note("well") == "well"


def test_a_coroutine_that_will_not_end_is_named_and_never_resumed():
    async def immortal(self):
        answer = self.call("n2", "silence", timeout=1000)
        while True:
            try:
                await answer
            except BaseException:
                LEFT.append("again")

    async def silence(self):
        await self.sleep(1e6)

    cluster = cluster_of(go=immortal, silence=silence)
    cluster.client("n1").start("go")
    cluster.run(5)
    with pytest.raises(Misuse, match=r"n1\.go would not end when its node crashed: it catches BaseException in a loop"):
        cluster.crash("n1")
    assert cluster.state("n1") == "crashed" and cluster.client("n2").note("well") == "well"
    count = LEFT.count("again")
    cluster.run(2000)
    del cluster
    gc.collect()
    assert LEFT.count("again") == count


def test_one_that_will_not_end_is_reported_from_within_a_run_too():
    async def immortal(self):
        event = self.event()
        waiting = event.wait()
        while True:
            with suppress(BaseException):
                await waiting

    cluster = cluster_of(go=immortal)
    cluster.client("n1").start("go")
    cluster.clock.call_at(5000, lambda _: cluster.crash("n1"))
    with pytest.raises(Misuse, match="n1.go would not end"):
        cluster.run(10)
    cluster.restart("n1")
    assert cluster.client("n1").note("well") == "well"


def test_nothing_is_said_or_run_when_the_interpreter_ends():
    code = """
        from splitbrain.cluster import Cluster
        from splitbrain.node import Node, rpc
        class Kind(Node):
            @rpc
            async def go(self):
                waiting = self.event().wait()
                while True:
                    try:
                        await waiting
                    except BaseException:
                        print("again")
        cluster = Cluster(Kind, nodes=1)
        cluster.client("n1").start("go")
        cluster.run(10)
        try:
            cluster.crash("n1")
        except Exception as error:
            print("END", error)
        """
    ended = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=60)
    assert "would not end" in ended.stdout.splitlines()[-1] and ended.stderr == ""


def test_one_that_spins_while_it_is_unwound_is_stopped(monkeypatch):
    monkeypatch.setattr("splitbrain.guard.PATIENCE", 0.2)

    async def spins(self):
        while True:
            try:
                await self.sleep(5)
            except BaseException:
                continue

    for inside in (True, False):
        cluster = cluster_of(go=spins)
        cluster.client("n1").start("go")
        cluster.run(5)
        with pytest.raises(RunsForever, match=r"n1\.go \(line \d+\) spins"):
            if inside:
                cluster.clock.call_at(5000, lambda _, c=cluster: c.crash("n1"))
                cluster.run(10)
            else:
                cluster.crash("n1")
        cluster.restart("n1")
        assert cluster.client("n1").note("well") == "well"


# Crash points.

async def protocol(self):
    with self.transaction(forced=False):                      # 2 BEGIN
        self.db.execute("INSERT INTO t VALUES ('a')")         # 3
        self.db.execute("INSERT INTO t VALUES ('b')")         # 4
    #                                                           5 COMMIT
    answer = await self.call("n2", "note", "asked")           # 6, and 7 its answer
    self.force()                                              # 8
    self.send("n2", "note", "told")                           # 9
    self.db.execute("INSERT INTO t VALUES ('c')")             # 10
    return answer                                             # 11


#        what is committed, what n2 was told, whether the client knows
AFTER = {1: ([], [], False), 2: ([], [], False), 3: ([], [], False), 4: ([], [], False), 5: ([], [], False),
         6: (["a", "b"], [], False), 7: (["a", "b"], ["asked"], False), 8: (["a", "b"], ["asked"], False),
         9: (["a", "b"], ["asked"], False), 10: (["a", "b"], ["asked", "told"], False),
         11: (["a", "b", "c"], ["asked", "told"], False), 12: (["a", "b", "c"], ["asked", "told"], True)}


@pytest.mark.parametrize("kind", ["process", "power"])
@pytest.mark.parametrize("point", AFTER)
def test_a_crash_at_a_point_comes_exactly_before_it(point, kind):
    cluster = cluster_of(go=protocol)
    cluster.crash_at("n1", point, kind=kind)
    rows, told, known = AFTER[point]
    if known:
        assert cluster.client("n1").go() == "asked"
    else:
        with pytest.raises(RpcTimeout):
            cluster.client("n1").go()
    cluster.run(50)
    assert told == LEFT
    assert (cluster.state("n1") == "up") is known
    if not known:
        assert [e.detail for e in cluster.journal.of("crash")] == [{"kind": kind}]
        assert cluster.network.endpoints["n1"].points == point
        cluster.restart("n1")
    unforced = kind == "power" and point <= 8
    cluster.network.endpoints["n1"].crash_at = -1
    assert cluster.client("n1").rows() == ([] if unforced else rows)
    cluster.close()


def test_points_are_numbered_the_same_with_and_without_a_journal():
    numbers = []
    for journal in (True, False):
        cluster = Cluster(type("Kind", (Mortal,), {"go": rpc(protocol)}), nodes=2, journal=journal)
        cluster.client("n1").go()
        cluster.values("n1"), cluster["n1"].db.execute("SELECT 1")
        cluster.run(50)
        numbers.append([cluster.network.endpoints[n].points for n in cluster.names])
    assert numbers == [[11, 3], [11, 3]]


def test_points_are_counted_over_all_lives():
    cluster = cluster_of(go=protocol)
    cluster.crash_at("n1", 14)
    cluster.client("n1").go()
    cluster.crash("n1")
    cluster.restart("n1")
    with pytest.raises(RpcTimeout):
        cluster.client("n1").go()
    assert cluster.state("n1") == "crashed" and cluster.network.endpoints["n1"].points == 14
    with pytest.raises(Misuse, match="n1 has passed 14 crash points; name a later one"):
        cluster.crash_at("n1", 14)


def test_a_crash_comes_out_of_the_very_operation_and_nothing_swallows_it():
    async def go(self):
        try:
            with self.transaction():
                self.db.execute("INSERT INTO t VALUES (1)")
                try:
                    self.db["t"].insert({"v": 2})
                except Exception:
                    LEFT.append("except Exception")
        except BaseException as error:
            LEFT.append(type(error).__name__)
            self.db.execute("INSERT INTO t VALUES (3)")

    for point in range(2, 9):
        cluster = cluster_of(go=go)
        cluster.crash_at("n1", point)
        cluster.client("n1").start("go")
        cluster.run(60)
        if cluster.state("n1") == "up":
            break
        assert LEFT == ["Crash"]
        cluster.restart("n1")
        assert cluster.client("n1").rows() == []
    assert point >= 6


def test_recovery_runs_in_start_at_every_start_and_setup_only_once():
    class Recovers(Node):
        def setup(self):
            self.db["t"].create({"k": int})
            LEFT.append("setup")

        async def start(self):
            LEFT.append(("start", self.db["t"].count))
            await self.sleep(1)
            self.db.execute("INSERT INTO t VALUES (1)")

    LEFT.clear()
    cluster = Cluster(Recovers, nodes=1)
    cluster.run(10)
    for _ in range(2):
        cluster.crash("n1", kind="power")
        cluster.restart("n1")
        cluster.run(10)
    assert LEFT == ["setup", ("start", 0), ("start", 1), ("start", 2)]


def test_start_comes_before_any_message_of_its_moment():
    class Recovers(Mortal):
        async def start(self):
            LEFT.append("start")

    LEFT.clear()
    cluster = Cluster(Recovers, nodes=1, latency=constant(5))
    cluster.run(1)
    cluster.crash("n1")
    cluster.client("n1").start("note", "message")
    cluster.clock.call_at(6000, lambda _: cluster.restart("n1"), ahead=True)
    LEFT.clear()
    cluster.run(20)
    assert LEFT == ["start", "message"]


@pytest.mark.parametrize("kind", ["process", "power"])
def test_databases_in_files_are_found_again(kind, tmp_path):
    async def put(self, value, forced):
        with self.transaction(forced=forced):
            self.db.execute("INSERT INTO t VALUES (?)", (value,))

    cluster = Cluster(type("Kind", (Mortal,), {"put": rpc(put)}), nodes=2, storage=tmp_path / "run")
    assert sorted(p.name for p in (tmp_path / "run").glob("*.db")) == ["n1.db", "n2.db"]
    cluster.client("n1").put(1, True)
    cluster.client("n1").put(2, False)
    cluster.crash("n1", kind=kind)
    assert not list((tmp_path / "run").glob("n1.db-*")), "no log is left that would bring back what was lost"
    cluster.restart("n1")
    assert cluster.client("n1").rows() == ([1] if kind == "power" else [1, 2])
    cluster.client("n1").put(3, True)
    cluster.crash("n1")
    cluster.restart("n1")
    assert cluster.client("n1").rows()[-1] == 3
    cluster.close()
    with pytest.raises(Misuse, match="exists: a cluster begins with empty databases"):
        Cluster(Mortal, nodes=1, storage=tmp_path / "run")
    with pytest.raises(Misuse, match="cannot be made again in the same folder"):
        cluster.fresh()
    cluster.fresh(storage=tmp_path / "other").close()


def test_a_new_life_has_none_of_the_olds_attributes_or_answers():
    async def go(self):
        self.memory = 1
        return await self.call("n2", "note", "x", timeout=30)

    cluster = cluster_of(go=go)
    cluster.client("n1").start("go")
    cluster.run(2.5)
    cluster.crash("n1")
    cluster.restart("n1")
    old = cluster["n1"]
    cluster.run(20)
    assert not hasattr(cluster["n1"], "memory") and old is cluster["n1"]
    assert cluster.history[0].status == "unknown"
