"""Nothing of the real world reaches node code; what would never end is stopped by name; Ctrl-C leaves a whole."""

import asyncio
import concurrent.futures
import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from splitbrain.cluster import Cluster
from splitbrain.errors import Misuse, RunsForever
from splitbrain.guard import surrounded
from splitbrain.latency import constant
from splitbrain.node import Node, rpc


class Sane(Node):
    @rpc
    async def echo(self, value):
        return value


def cluster_of(nodes=2, **members):
    special = "setup", "start", "values", "__init__"
    kind = type("Kind", (Sane,), {n: m if n in special else rpc(m) for n, m in members.items()})
    return Cluster(kind, nodes=nodes, latency=constant(1))


def run_in_a_script(function):
    return function()


def run_in_a_loop(function):
    """As in Jupyter, whose cells run inside of a running loop."""
    async def cell():
        result = function()
        assert asyncio.get_running_loop() is loop()
        return result

    loop = asyncio.get_running_loop
    return asyncio.run(cell())


WHERE = pytest.mark.parametrize("where", [run_in_a_script, run_in_a_loop], ids=["script", "inside a loop"])


# Real time, threads and asyncio in node code.

async def noop():
    pass


async def await_asyncio_sleep(self):
    await asyncio.sleep(1)


async def await_asyncio_sleep_0(self):
    await asyncio.sleep(0)


async def await_an_asyncio_future(self):
    await asyncio.Future(loop=self.loop)


async def asyncio_wait_for(self):
    await asyncio.wait_for(self.sleep(1), 1)


async def asyncio_timeout(self):
    async with asyncio.timeout(1):
        await self.sleep(1)


async def asyncio_gather(self):
    await asyncio.gather(self.sleep(1), self.sleep(2))


async def asyncio_queue(self):
    await asyncio.Queue().get()


async def asyncio_event(self):
    await asyncio.Event().wait()


async def asyncio_task_group(self):
    async with asyncio.TaskGroup() as group:
        group.create_task(noop())


async def asyncio_to_thread(self):
    await asyncio.to_thread(time.time)


ASYNCIO = "asyncio is not what runs node code: use self.sleep, self.gather, self.timeout, self.create_task"
FOREIGN = {
    "time.sleep": (lambda self: time.sleep(60), "time.sleep stops the whole simulation, not one node: await self."),
    "a thread": (lambda self: threading.Thread(target=print).start(), "a thread would run outside of virtual time"),
    "a timer": (lambda self: threading.Timer(60, print).start(), "a thread would run outside of virtual time"),
    "concurrent.futures": (lambda self: concurrent.futures.ThreadPoolExecutor().submit(print), "a thread would run"),
    "asyncio.create_task": (lambda self: asyncio.create_task(noop()), ASYNCIO),
    "asyncio.ensure_future": (lambda self: asyncio.ensure_future(noop()), ASYNCIO),
    "asyncio.run": (lambda self: asyncio.run(noop()), ASYNCIO),
    "asyncio.get_event_loop": (lambda self: asyncio.get_event_loop(), ASYNCIO),
    "asyncio.get_running_loop": (lambda self: asyncio.get_running_loop(), ASYNCIO),
    "asyncio.new_event_loop": (lambda self: asyncio.new_event_loop(), ASYNCIO),
    "asyncio.current_task": (lambda self: asyncio.current_task(), ASYNCIO),
    "await asyncio.sleep(1)": (await_asyncio_sleep, ASYNCIO),
    "await asyncio.sleep(0)": (await_asyncio_sleep_0, "awaits asyncio.sleep, which knows nothing of virtual time"),
    "await a future of asyncio": (await_an_asyncio_future, "awaits _asyncio.Future, which knows nothing of virtual"),
    "asyncio.wait_for": (asyncio_wait_for, ASYNCIO), "asyncio.timeout": (asyncio_timeout, ASYNCIO),
    "asyncio.gather": (asyncio_gather, ASYNCIO), "asyncio.Queue": (asyncio_queue, ASYNCIO),
    "asyncio.Event": (asyncio_event, ASYNCIO), "asyncio.TaskGroup": (asyncio_task_group, ASYNCIO),
    "asyncio.to_thread": (asyncio_to_thread, ASYNCIO),
}


@WHERE
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.parametrize("name", FOREIGN)
def test_each_gets_its_sentence_with_node_and_handler(name, where):
    use, advice = FOREIGN[name]

    async def go(self, later):
        if later:
            await self.sleep(5)
        try:
            result = use(self)
            if hasattr(result, "__await__"):
                await result
        except Exception:
            pass  # not even so does it go unheard

    Sane.loop = asyncio.new_event_loop()
    Sane.loop.close()

    def try_it():
        for later in (False, True):
            cluster = cluster_of(go=go)
            cluster.client("n1").start("go", later)
            with pytest.raises(Misuse) as caught:
                cluster.run(20)
            assert advice in str(caught.value) and str(caught.value).startswith("n1.")
            assert ".go" in str(caught.value) or "asyncio" in str(caught.value)
            assert cluster.client("n2").echo(1) == 1
            cluster.close()

    where(try_it)


def test_a_sleep_imported_by_its_name_is_found_in_the_class():
    module = {"Node": Node, "rpc": rpc}
    exec(textwrap.dedent("""
        from time import sleep
        class Kind(Node):
            @rpc
            async def go(self):
                sleep(1)
        """), module)
    with pytest.raises(Misuse, match="Kind.go uses time.sleep, which stops the whole simulation"):
        Cluster(module["Kind"], nodes=1)


@WHERE
def test_other_threads_and_cells_notice_nothing(where):
    done = threading.Event()
    seen = []

    def elsewhere():
        while not done.is_set():
            time.sleep(0.001)
            other = threading.Thread(target=lambda: asyncio.run(asyncio.sleep(0)))
            other.start()
            other.join()
            seen.append(asyncio.new_event_loop().close())

    async def go(self):
        while self.now < 3000:
            await self.sleep(1)

    def try_it():
        cluster = cluster_of(go=go)
        cluster.client("n1").start("go")
        count = len(seen)
        while len(seen) < count + 3:
            cluster.run(30)
        before = time.perf_counter()
        time.sleep(0.01)
        assert time.perf_counter() - before >= 0.009
        assert isinstance(threading.Timer(0, print), threading.Thread)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    try:
        where(try_it)
    finally:
        done.set()
        thread.join()
    assert seen


def test_everything_is_as_before_after_a_run_also_one_that_failed():
    def places():
        return [time.sleep, threading.Thread.start, asyncio.events.get_running_loop, asyncio.get_running_loop,
                asyncio.events._get_running_loop, asyncio.events.get_event_loop, asyncio.get_event_loop,
                asyncio.events.new_event_loop, asyncio.new_event_loop, asyncio.tasks.current_task, asyncio.current_task,
                sys.get_asyncgen_hooks(), signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGALRM),
                signal.getitimer(signal.ITIMER_REAL)]

    async def go(self):
        time.sleep(1)

    before = places()
    cluster = cluster_of(go=go)
    cluster.run(5)
    cluster.client("n1").start("go")
    with pytest.raises(Misuse):
        cluster.run(5)
    assert places() == before


def test_who_watches_is_not_node_code():
    def watch():
        time.sleep(0)
        seen.append(asyncio.new_event_loop().close())

    async def go(self):
        self.db.execute("SELECT 1")

    seen = []
    cluster = cluster_of(go=go)
    cluster.watchers.append(watch)
    cluster.crash_at("n1", 2)
    cluster.client("n1").start("go")
    cluster.run(5)
    assert cluster.state("n1") == "crashed" and len(seen) >= 3


def test_a_strangers_finaliser_is_not_taken_for_node_code():
    class Stranger:
        def __init__(self):
            self.me = self  # so that only the collector frees it

        def __del__(self):
            freed.append(asyncio.new_event_loop().close())

    def litter(self):
        Stranger()
        self.kept = [[] for _ in range(200_000)]  # the collector would have had its turn

    async def go(self):
        litter(self)

    freed = []
    cluster = cluster_of(setup=litter, go=go)
    cluster.client("n1").start("go")
    cluster.run(5)
    cluster.client("n2").start("go")
    cluster.run_until_quiet()
    assert {o.status for o in cluster.history} == {"ok"}
    gc.collect()
    assert freed == [None] * 4 and gc.isenabled()


def test_many_runs_can_be_surrounded_at_once(monkeypatch):
    async def go(self):
        time.sleep(1)

    monkeypatch.setattr("splitbrain.guard.PATIENCE", 0.1)
    before = time.sleep, asyncio.get_running_loop, signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGALRM)
    with surrounded():
        assert time.sleep(0) is None
        held = time.sleep
        for _ in range(3):
            cluster = cluster_of(go=go)
            cluster.client("n1").start("go")
            with pytest.raises(Misuse, match="n1.go: time.sleep stops the whole simulation"):
                cluster.run(5)
            assert time.sleep is held, "it was not taken away and put up again"
            assert cluster.client("n2").echo(1) == 1
        for body in (spin, spin_and_swallow):
            with pytest.raises(RunsForever, match="n1.setup"):
                cluster_of(setup=lambda self, body=body: body())
            assert cluster_of().client("n2").echo(1) == 1, "who spun before is forgotten"
            deadline = time.monotonic() + 1
            while time.monotonic() < deadline:
                pass  # between runs nothing is watched
        asyncio.new_event_loop().close()
    assert before == (time.sleep, asyncio.get_running_loop, signal.getsignal(signal.SIGINT),
                      signal.getsignal(signal.SIGALRM))


def test_runs_of_two_threads_that_overlap_leave_everything_as_it_was():
    def setup(self):
        inside.set()
        other_is_over.wait(30)
        threading.Thread(target=print).start()

    def elsewhere():
        with pytest.raises(Misuse, match="n1.setup: a thread would run outside"):
            cluster_of(setup=setup)
        told.append(cluster_of().client("n1").echo(1))

    inside, other_is_over, told = threading.Event(), threading.Event(), []
    before = time.sleep, threading.Thread.start, asyncio.get_running_loop
    thread = threading.Thread(target=elsewhere)

    def start_the_other(cluster):
        thread.start()
        assert inside.wait(30)

    cluster = cluster_of()
    cluster.watchers.append(lambda: thread.ident or start_the_other(cluster))
    cluster.clock.call_at(2000, lambda _: cluster.cut("n1", "n2"))
    cluster.run(10)  # the other thread's run begins in this one, and ends after it
    other_is_over.set()
    thread.join()
    assert told == [1] and before == (time.sleep, threading.Thread.start, asyncio.get_running_loop)


def test_an_asynchronous_generator_is_not_closed_by_jupyters_loop():
    left = []

    async def go(self):
        async def numbers():
            try:
                yield 1
                yield 2
            finally:
                await self.sleep(1)
                left.append("resumed elsewhere")

        async for _ in numbers():
            break

    async def cell():
        cluster = cluster_of(go=go)
        cluster.client("n1").go()
        await asyncio.sleep(0.01)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "unraisablehook", lambda _: None)
        asyncio.run(cell())
    assert left == []


# Running while running.

def test_running_while_running_is_an_error():
    holder = []

    async def go(self, how):
        try:
            {"run": lambda: holder[0].run(1), "step": lambda: holder[0].step(), "close": lambda: holder[0].close(),
             "quiet": lambda: holder[0].run_until_quiet(), "client": lambda: holder[0].client("n2").echo(1),
             "reset": lambda: holder[0].reset()}[how]()
        finally:
            await self.sleep(1)

    for how in ("run", "step", "close", "quiet", "client", "reset"):
        cluster = cluster_of(go=go)
        holder[:] = [cluster]
        cluster.client("n1").start("go", how)
        with pytest.raises(Misuse, match="the simulation is running already"):
            cluster.run(10)
        assert cluster.client("n2").echo(1) == 1 and len(cluster.history) == 2

    cluster = cluster_of()
    heard = []

    def watch():
        try:
            cluster.client("n1").echo(1)
        except Misuse as error:
            heard.append(str(error))

    cluster.clock.call_at(2000, lambda _: (cluster.watchers.append(watch), cluster.cut("n1", "n2"),
                                           cluster.watchers.clear()))
    cluster.run(10)
    assert len(heard) == 1 and "is running already" in heard[0] and len(cluster.history) == 0


# What never ends.

def spin():
    while True:
        pass


def spin_and_swallow():
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass


SPINS = {
    "handler": ("go", lambda spin: {"go": _async(spin)}),
    "handler, later": ("go", lambda spin: {"go": _async(spin, first_sleep=True)}),
    "finally": ("go", lambda spin: {"go": _async(spin, in_finally=True)}),
    "start": ("start", lambda spin: {"start": _async(spin)}),
    "values": ("values", lambda spin: {"setup": _table, "go": _write,
                                       "values": lambda self: spin() if _begun(self) else {}}),
}


def _async(spin, *, first_sleep=False, in_finally=False):
    async def go(self):
        if first_sleep:
            await self.sleep(1)
        try:
            if not in_finally:
                spin()
        finally:
            if in_finally:
                spin()
    return go


def _table(self):
    self.db.execute("CREATE TABLE t (v)")


async def _write(self):
    self.begun = True
    self.db.execute("INSERT INTO t VALUES (1)")


def _begun(node):
    return getattr(node, "begun", False)


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr("splitbrain.guard.PATIENCE", 0.1)


@pytest.mark.parametrize("body", [spin, spin_and_swallow], ids=lambda f: f.__name__)
@pytest.mark.parametrize("place", SPINS)
def test_an_endless_loop_is_stopped_with_node_and_handler(place, body, impatient):
    name, members = SPINS[place]
    cluster = cluster_of(nodes={"n1": type("Bad", (Sane,), {
        n: rpc(m) if n == "go" else m for n, m in members(body).items()}), "n2": Sane})
    if name != "start":
        cluster.client("n1").start("go")
    with pytest.raises(RunsForever, match=rf"^n1\.{name} \(line \d+\) spins: it has computed for 0.1 s without an "):
        cluster.run(50)
    assert cluster.client("n2").echo(1) == 1, "the cluster goes on"
    if name != "values":
        assert cluster.client("n1").echo(1) == 1


@pytest.mark.parametrize("body", [spin, spin_and_swallow], ids=lambda f: f.__name__)
@pytest.mark.parametrize("name", ["setup", "__init__", "values"])
def test_an_endless_loop_outside_of_a_run_is_stopped_too(name, body, impatient):
    with pytest.raises(RunsForever, match=rf"n1\.{name} \(line \d+\) spins"):
        cluster = cluster_of(**{name: lambda self: body()})
        cluster.values("n1")


# Ctrl-C.

def ctrl_c(code, interrupts=1):
    """What a child prints that gets so many SIGINTs, each after it has printed 'ready'."""
    child = subprocess.Popen([sys.executable, "-u", "-c", textwrap.dedent(code)], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True)
    try:
        for _ in range(interrupts):
            assert child.stdout.readline() == "ready\n"
            os.kill(child.pid, signal.SIGINT)
        return child.communicate(timeout=60)[0]
    finally:
        child.kill()
        child.wait()


PROLOGUE = """
from splitbrain.cluster import Cluster
from splitbrain.latency import constant
from splitbrain.node import Node, rpc

class Kind(Node):
    def setup(self):
        self.db.execute("CREATE TABLE t (a, b)")
        self.db.execute("INSERT INTO t VALUES (0, 0)")

    @rpc
    async def count(self):
        while True:
            with self.transaction():
                self.db.execute("UPDATE t SET a = a + 1")
                self.db.execute("UPDATE t SET b = b + 1")
            if self.now == 100:
                print("ready")
            await self.sleep(1)

    @rpc
    async def spin(self):
        print("ready")
        try:
            while cluster.clock.fatal is None:
                pass
            print("ready")
            while True:
                pass
        finally:
            print("left")

    @rpc
    async def read(self):
        return list(self.db.execute("SELECT a, b FROM t").fetchone())

cluster = Cluster(Kind, nodes=1, latency=constant(0), journal=False)
"""


def test_ctrl_c_stops_a_run_between_two_events_and_it_goes_on():
    out = ctrl_c(PROLOGUE + textwrap.dedent("""
        cluster.client("n1").start("count")
        try:
            cluster.run(1e9)
        except KeyboardInterrupt:
            print("interrupted", cluster.now >= 100)
        other = cluster.client("n1", "other")
        a, b = other.read()
        cluster.run(10)
        print(a == b, a > 0, other.read()[0] - a in (10, 11), cluster.clock.running)
        """))
    assert out == "interrupted True\nTrue True True False\n"


def test_a_second_ctrl_c_interrupts_an_event_that_does_not_end():
    out = ctrl_c(PROLOGUE + textwrap.dedent("""
        cluster.client("n1").start("spin")
        try:
            cluster.run(10)
        except KeyboardInterrupt:
            print("interrupted")
        print(cluster.client("n1", "other").read())
        """), interrupts=2)
    assert out == "left\ninterrupted\n[0, 0]\n"


def test_ctrl_c_while_a_cluster_is_made_or_closed_is_not_lost():
    out = ctrl_c(textwrap.dedent("""
        import signal
        """) + PROLOGUE + textwrap.dedent("""
        class Interrupted(Kind):
            def setup(self):
                signal.raise_signal(signal.SIGINT)

        class InterruptedLater(Kind):
            def values(self):
                signal.raise_signal(signal.SIGINT)
                return {}

        try:
            Cluster(Interrupted, nodes=1)
        except KeyboardInterrupt:
            print("made")
        late = Cluster(Kind, nodes=1, journal=False)
        late.watchers.append(lambda: signal.raise_signal(signal.SIGINT))
        for cluster in (Cluster(InterruptedLater, nodes=1, journal=False), late):
            try:
                cluster.close()
            except KeyboardInterrupt:
                print("closed")
            try:
                cluster.run(1)
            except Exception as error:
                print(error)
        """), interrupts=0)
    assert out == "made\n" + 2 * "closed\nthis cluster is closed: cluster.fresh() makes a new one like it\n"


def test_ctrl_c_comes_before_whatever_else_was_about_to_end_the_run():
    out = ctrl_c(PROLOGUE + textwrap.dedent("""
        import signal, time

        class Both(Kind):
            @rpc
            async def go(self):
                try:
                    time.sleep(1)
                finally:
                    signal.raise_signal(signal.SIGINT)

        cluster = Cluster(Both, nodes=1, journal=False)
        try:
            cluster.client("n1").go()
        except BaseException as error:
            print(type(error).__name__)
        """), interrupts=0)
    assert out == "KeyboardInterrupt\n"
