"""Virtual time: what happens when, what is waited for, and what would never end."""

import contextlib
import gc
import tracemalloc

import pytest

from splitbrain.clock import Clock
from splitbrain.cluster import Cluster
from splitbrain.errors import Misuse, RpcError, RpcTimeout, RunsForever
from splitbrain.latency import constant
from splitbrain.node import Node, rpc


class Lab(Node):
    """Runs the code of a test: `do` is an async function of the node."""

    script = None

    def __init__(self):
        self.seen = []

    def see(self, *what):
        self.seen.append((round(self.now, 3), *what))

    @rpc
    async def do(self):
        return await self.script()

    @rpc
    async def echo(self, value, ms=0):
        if ms:
            await self.sleep(ms)
        return value

    @rpc
    async def fail(self):
        raise ValueError("no")


def lab(script=None, *, nodes=1, **options):
    kind = type("Lab", (Lab,), {"script": script})
    return Cluster(kind, nodes=nodes, **{"latency": constant(1)} | options)


def run(script, **options):
    """The result of a script on n1, and what was seen there."""
    with lab(script, **options) as cluster:
        result = cluster.client("n1").do()
        return result, cluster["n1"].seen


# The heap.

def test_events_happen_in_the_order_of_time_then_of_asking():
    clock, seen = Clock(), []
    for us, what in ((5, "b"), (3, "a"), (5, "c")):
        clock.call_at(us, seen.append, what)
    clock.call_at(5, seen.append, "first of its time", ahead=True)
    clock.run(5)
    assert seen == ["a", "first of its time", "b", "c"] and clock.us == 5


def test_a_run_includes_its_last_moment_and_what_that_brings_at_once():
    clock, seen = Clock(), []
    clock.call_at(10, lambda _: clock.call_at(10, seen.append, "at once"))
    clock.call_at(11, seen.append, "too late")
    clock.run(10)
    assert seen == ["at once"]
    clock.run(20)
    assert clock.us == 20 and seen == ["at once", "too late"] and clock.heap == []


def test_a_run_that_is_stopped_leaves_nothing_behind():
    clock = Clock()
    for us in (1, 2):
        clock.call_at(us, clock.stop)
    for _ in range(2):
        clock.run(1_000_000)
    assert clock.us == 2 and clock.heap == []
    clock.call_at(3, lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        clock.run(1_000_000)
    assert clock.heap == [] and not clock.running


def test_step_passes_over_what_concerns_nobody_any_more():
    async def script(self):
        await self.call("n1", "echo", 1, timeout=5)
        await self.sleep(100)

    with lab(script) as cluster:
        cluster.client("n1").start("do")
        times = []
        while cluster.step():
            times.append(cluster.now)
        assert times == [1, 2, 3, 103, 104], "the timeout of an answered call is no event"
        assert cluster.step() is False


def test_run_until_quiet_does_not_count_repeating_timers_and_stops_at_its_limit():
    class Beats(Lab):
        async def start(self):
            self.every(10, lambda: self.see("tick"))

    cluster = Cluster(Beats, nodes=1)
    cluster.run_until_quiet()
    assert cluster.now == 0 and cluster["n1"].seen == [], "a timer keeps nobody waiting"
    cluster.client("n1").start("echo", 1, 35)
    cluster.run_until_quiet()
    assert 35 < cluster.now < 50 and len(cluster["n1"].seen) in (3, 4)
    cluster.client("n1").start("echo", 1, 500)
    before = cluster.now
    cluster.run_until_quiet(limit=100)
    assert before + 90 <= cluster.now <= before + 100
    with pytest.raises(Misuse, match="limit"):
        cluster.run_until_quiet(limit=-1)
    cluster.close()


def test_run_until_quiet_does_not_pass_its_limit_over_timeouts_of_answered_calls():
    async def script(self):
        await self.call("n1", "echo", 1, timeout=50)
        await self.sleep(5000)

    with lab(script) as cluster:
        cluster.client("n1").start("do")
        cluster.run_until_quiet(limit=100)
        assert cluster.now <= 100


def test_stepping_and_running_write_the_same_journal():
    async def script(self):
        await self.gather(*[self.call("n2", "echo", i, i, timeout=30) for i in range(5)], return_exceptions=True)
        return self.random()

    journals = []
    for how in ("run", "step", "quiet", "bits"):
        with lab(script, nodes=2, latency=None, seed=3) as cluster:
            cluster.client("n1").start("do")
            if how == "run":
                cluster.run(5000)
            while how == "step" and cluster.step():
                pass
            if how == "quiet":
                cluster.run_until_quiet()
            while how == "bits" and cluster.now < 5000:
                cluster.run(0.7)
            journals.append(cluster.journal.to_bytes())
    assert len(set(journals)) == 1 and len(journals[0]) > 1000


# Futures, tasks, gather, first.

def test_sleep_and_time():
    async def script(self):
        begin = self.now
        await self.sleep(10)
        await self.sleep(0)
        await self.sleep(0.0005)
        return self.now - begin

    assert run(script)[0] == pytest.approx(10)


def test_gather_gives_results_in_the_order_asked_and_first_in_that_of_arrival():
    async def script(self):
        asked = [self.call("n2", "echo", ms, ms) for ms in (30, 10, 20)]
        return [await self.first(2, *asked), await self.gather(*asked), await self.gather(), await self.first(0)]

    assert run(script, nodes=2)[0] == [[10, 20], [30, 10, 20], [], []]


def test_gather_takes_coroutines_tasks_and_what_is_done_already():
    async def script(self):
        async def work(ms):
            await self.sleep(ms)
            return ms

        task = self.create_task(work(1))
        done = await self.gather(task, work(3), self.call("n1", "echo", 5))
        again = await self.gather(task, task)
        return [done, again, await task, await task]

    assert run(script)[0] == [[1, 3, 5], [1, 1], 1, 1]


def test_gather_raises_the_first_error_or_gives_errors_among_results():
    async def script(self):
        calls = [self.call("n1", "echo", 1, 5), self.call("n1", "fail"), self.call("n1", "absent")]
        kinds = [type(x).__name__ for x in await self.gather(*calls, return_exceptions=True)]
        begin = self.now
        try:
            await self.gather(self.call("n1", "echo", 1, 50), self.call("n1", "fail"))
        except RpcError as error:
            return [kinds, str(error).rpartition(": ")[2], self.now - begin]

    assert run(script)[0] == [["int", "RpcError", "Refused"], "no", 2]


def test_first_raises_once_its_count_cannot_be_reached():
    async def script(self):
        try:
            await self.first(2, self.call("n1", "echo", 1), self.call("n1", "fail"), self.call("n1", "echo", 2, 99,
                                                                                              timeout=20))
        except RpcTimeout:
            return self.now

    assert run(script)[0] == pytest.approx(21)
    for count in (2, -1):
        async def impossible(self, count=count):
            await self.first(count, self.call("n1", "echo", 1))

        with pytest.raises(Misuse, match="cannot be"):
            run(impossible)


def test_many_may_wait_for_one_task():
    async def script(self):
        async def slow():
            await self.sleep(5)
            return 7

        task = self.create_task(slow())

        async def wait():
            return await task

        return sum(await self.gather(*[wait() for _ in range(2000)]))

    assert run(script)[0] == 14_000


def test_an_event_lets_everyone_go_on_in_order():
    async def script(self):
        ready = self.event()

        async def wait(who):
            await ready.wait()
            self.see(who)

        tasks = [self.create_task(wait(who)) for who in "abc"]
        await self.sleep(5)
        assert not ready.is_set()
        ready.set()
        await self.gather(*tasks)
        await ready.wait()
        ready.clear()
        return ready.is_set()

    result, seen = run(script)
    assert result is False and seen == [(6, "a"), (6, "b"), (6, "c")]


def test_create_task_runs_beside_and_gives_its_result():
    async def script(self):
        async def work():
            self.see("begins")
            await self.sleep(5)
            return 5

        task = self.create_task(work())
        self.see("goes on")
        await self.sleep(10)
        return await task

    assert run(script) == (5, [(1, "goes on"), (1, "begins")])


# Timeouts.

def test_a_timeout_that_fires_and_one_that_does_not():
    async def script(self):
        async with self.timeout(50):
            await self.sleep(10)
        try:
            async with self.timeout(20):
                await self.sleep(100)
        except TimeoutError as error:
            self.see(str(error))
        await self.sleep(100)
        return "on"

    result, seen = run(script)
    assert result == "on" and seen == [(31, "n1.do: not done within 20 ms")]


def test_a_timeout_in_the_first_step_of_a_handler():
    async def script(self):
        async with self.timeout(5):
            await self.sleep(100)

    with pytest.raises(RpcError, match=r"n1\.do, line \d+: TimeoutError: n1.do: not done within 5 ms"):
        run(script)


@pytest.mark.parametrize(("inner", "outer", "when"), [(10, 50, 11), (50, 10, 11)])
def test_the_nearer_of_two_nested_timeouts_fires(inner, outer, when):
    async def script(self):
        try:
            async with self.timeout(outer):
                try:
                    async with self.timeout(inner):
                        await self.sleep(1000)
                except TimeoutError:
                    self.see("inner")
                await self.sleep(5)
        except TimeoutError:
            self.see("outer")
        await self.sleep(200)

    _, seen = run(script)
    assert seen == [(when, "inner" if inner < outer else "outer")]


def test_a_block_that_swallows_exceptions_cannot_outlive_its_timeout():
    async def script(self):
        async with self.timeout(35):
            while True:
                try:
                    await self.call("n1", "fail")
                except Exception:
                    await self.sleep(10)

    with pytest.raises(RpcError, match="not done within 35 ms"):
        run(script)

    async def stubborn(self):
        async with self.timeout(20):
            try:
                await self.sleep(100)
            except BaseException:
                await self.sleep(5)

    with pytest.raises(RpcError, match="not done within 20 ms"):
        run(stubborn)


def test_a_timeout_leaves_other_errors_alone():
    async def script(self):
        async with self.timeout(20):
            raise KeyError("other")

    with pytest.raises(RpcError, match="KeyError: 'other'"):
        run(script)


def test_thousands_of_timeouts_in_one_task():
    async def script(self):
        for _ in range(3000):
            try:
                async with self.timeout(1):
                    await self.event().wait()
            except TimeoutError:
                pass
        return self.now

    assert run(script, timeout=10_000)[0] == pytest.approx(3001)


# What would never end.

def test_a_task_that_never_sleeps():
    async def script(self):
        while True:
            await self.sleep(0)

    for go_on in (lambda c: c.run(10), lambda c: c.run_until_quiet()):
        cluster = lab(script, nodes=9)
        for n in range(2, 10):
            cluster.client(f"n{n}").start("echo", 1, 1000)
        cluster.run(5)
        cluster.client("n1").start("do")
        with pytest.raises(RunsForever, match=r"time stands still at 6.0 ms: .* is n1\.do, which goes on"):
            go_on(cluster)
        cluster.crash("n1")
        assert cluster.client("n9").echo(7) == 7, "without the culprit the cluster goes on"
        assert cluster.fresh().client("n1").echo(7) == 7
        cluster.close()


def test_messages_that_take_no_time_and_never_end():
    class Forever(Node):
        @rpc
        async def ping(self):
            self.send("n2" if self.name == "n1" else "n1", "ping")

    cluster = Cluster(Forever, nodes=2, latency=constant(0))
    cluster.client("n1").start("ping")
    with pytest.raises(RunsForever, match="time stands still at 0.0 ms.*messages 'ping' from n. to n. .of c1#0"):
        cluster.run(1)


def test_a_message_storm(monkeypatch):
    monkeypatch.setattr("splitbrain.clock._MOST", 50_000)

    class Storm(Node):
        @rpc
        async def spread(self):
            for peer in self.peers:
                self.send(peer, "spread")

    cluster = Cluster(Storm, nodes=12, journal=False)
    cluster.client("n3").start("spread")
    with pytest.raises(RunsForever, match="a storm: .*messages 'spread' from n"):
        cluster.run(1000)
    fresh = cluster.fresh()
    assert fresh.now == 0 and fresh.run(1).now == 1


def test_more_events_than_allowed():
    class Beats(Node):
        async def start(self):
            self.every(0.01, self.beat)

        def beat(self):
            pass

    cluster = Cluster(Beats, nodes=1, max_events=20_000)
    with pytest.raises(RunsForever, match="more than 20,000 events in one run.*n1.beat.*larger max_events"):
        cluster.run(1000)
    cluster.run(1)


# Memory.

def count_clusters():
    gc.collect()
    return sum(1 for thing in gc.get_objects() if isinstance(thing, Cluster | Node))


def test_a_cluster_that_is_let_go_leaves_nothing():
    def one():
        cluster = lab(lambda self: self.call("n2", "echo", 1), nodes=2)
        cluster.client("n1").do()
        return cluster

    before = count_clusters()
    for _ in range(20):
        one()
    assert count_clusters() == before


def test_errors_that_are_caught_make_no_cycles():
    async def script(self):
        for _ in range(200):
            with contextlib.suppress(RpcTimeout):
                await self.call("n2", "echo", 1, timeout=0.5)

    with lab(script, nodes=2) as cluster:
        cluster.cut("n1", "n2")
        cluster.client("n1").start("do")
        cluster.run(1)
        gc.collect()
        gc.disable()
        try:
            for _ in range(199):
                cluster.step()
            assert gc.collect() < 50
        finally:
            gc.enable()


def test_a_long_run_of_errors_does_not_pile_up():
    async def script(self):
        while True:
            try:
                answer = self.call("n2", "echo", 1, timeout=1)
                await answer  # with its name in the frame, the error and the frame hold one another
            except RpcTimeout as error:
                self.last = error

    with lab(script, nodes=2, journal=False) as cluster:
        cluster.cut("n1", "n2")
        cluster.client("n1").start("do")
        cluster.run(2000)
        tracemalloc.start()
        cluster.run(12_000)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 12_000_000
