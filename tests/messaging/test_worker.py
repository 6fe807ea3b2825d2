"""A service as a process: started from a class, killed exactly at a failpoint, paused, restarted, stopped, named."""

import importlib
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import psutil
import pytest

from splitbrain.messaging import nursery_client
from splitbrain.messaging.errors import WorkerFailed, WorkerTimeout
from splitbrain.messaging.pickled import pickled
from splitbrain.messaging.running_service import ANY, Service, kill, pause
from splitbrain.messaging.server import start_server
from splitbrain.messaging.worker import Worker, start


@pytest.fixture(autouse=True)
def nothing_left(base):
    yield
    left = [path.name for path in base.iterdir()]
    assert left == []


def is_dead(process):
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


class Counting(Service):
    most = 5

    def run(self):
        self.db.execute("CREATE TABLE IF NOT EXISTS n (i INTEGER)")
        for i in range(self.most):
            with self.operation("add", i):
                with self.db.atomic():
                    self.db.execute("INSERT INTO n VALUES (?)", [i])
                self.failpoint("after-commit")
            self.note("done", i=i)


def test_it_runs_and_says_what_it_did():
    with start(Counting, name="c", most=3) as worker:
        worker.wait("exit")
        assert worker.exit == "ended by itself"
        assert [o.value for o in worker.history if o.status == "ok"] == [0, 1, 2]


def test_killed_exactly_at_the_third_commit_and_restarted_on_the_same_database():
    with start(Counting, name="c", failpoints={"after-commit": kill(at=3)}) as worker:
        worker.wait("exit")
        assert worker.exit == "was killed by SIGKILL"
        assert [n["i"] for n in worker.notes] == [0, 1]
        assert [o.status for o in worker.history] == ["ok", "ok", "unknown"]
        worker.restart()
        worker.wait("exit")
        assert len(worker.history) == 8


def test_paused_at_a_failpoint_until_told():
    with start(Counting, name="c", failpoints={"after-commit": pause(at=2)}) as worker:
        worker.wait("after-commit", times=2)
        assert worker.paused and [n["i"] for n in worker.notes] == [0]
        worker.resume()
        worker.wait("exit")
        assert len(worker.notes) == 5


def test_an_endless_worker_is_stopped_and_named():
    def turns(service):
        while True:
            pass

    with start(turns, name="turner") as worker:
        pid = worker.pid
        with pytest.raises(WorkerTimeout, match=r"turner did not end within 0.3 s(.|\n)*in turns"):
            worker.wait("exit", 0.3)
    assert not psutil.pid_exists(pid)


def test_its_error_is_shown_with_its_line():
    def wrong(service):
        time.sleep(0)
        raise ValueError("no such order")

    with start(wrong, name="w") as worker, pytest.raises(WorkerFailed, match=r"raise ValueError(.|\n)*no such order"):
        worker.wait("exit")


def test_it_speaks_to_redis_and_stops_when_asked():
    def echo(service):
        while service.running:
            job = service.redis.blpop("jobs", timeout=0.1)
            if job:
                service.redis.rpush("done", job[1])

    with start_server() as server, server.client() as client, start(echo, name="e", redis=server) as worker:
        client.rpush("jobs", "a")
        assert client.blpop("done", timeout=5) == ("done", "a")
        assert worker.stop() == "ended by itself"


class Careful(Counting):
    """The next version: knows of what is there already, and counts in tens."""

    def run(self):
        self.db.execute("CREATE TABLE IF NOT EXISTS n (i INTEGER)")
        begun = self.db.execute("SELECT count(*) FROM n").fetchone()[0]
        for i in range(begun, begun + 3):
            self.db.execute("INSERT INTO n VALUES (?)", [10 * i])
            self.db.conn.commit()
            self.failpoint("after-commit")
        while self.running:
            time.sleep(0.01)


def rows(worker):
    with closing(sqlite3.connect(worker.database)) as db:
        return [i for i, in db.execute("SELECT i FROM n ORDER BY rowid")]


def test_restarted_as_a_new_version_while_the_old_one_is_alive_the_old_one_is_dead_before_the_new_one_begins():
    with start(Counting, name="c", failpoints={"after-commit": pause(at=2)}) as worker:
        worker.wait("after-commit", times=2)
        old = psutil.Process(worker.pid)
        worker.restart(Careful)
        worker.wait("after-commit", times=3)
        assert is_dead(old) and worker.life == 2 and worker.alive
        assert rows(worker) == [0, 1, 20, 30, 40]
        assert [n["process"] for n in worker.notes] == ["c.1"]
        assert worker.stop() == "ended by itself"


def test_two_versions_are_alive_at_once_on_one_database():
    with start(Counting, name="old", failpoints={"after-commit": pause(at=2)}) as old:
        old.wait("after-commit", times=2)
        with start(Careful, name="new", database=old.database) as new:
            new.wait("after-commit", times=3)
            assert old.alive and new.alive and rows(new) == [0, 1, 20, 30, 40]
            old.resume()
            old.wait("exit")
            assert rows(new) == [0, 1, 20, 30, 40, 2, 3, 4] and new.stop() == "ended by itself"


def endless(service):
    while True:
        service.failpoint("round")


def test_a_run_that_fails_at_once_fails_for_who_waits_and_not_for_who_starts(monkeypatch):
    def at_once(service):
        raise ValueError("already")

    def late(worker, done, timeout, what):
        patiently(worker, done, timeout, what)
        patiently(worker, lambda: not worker.alive, timeout, what)

    patiently = Worker._until
    monkeypatch.setattr(Worker, "_until", late)
    with start(at_once, name="a") as worker, pytest.raises(WorkerFailed, match="already"):
        assert not worker.alive
        worker.wait("exit")


def test_what_cannot_be_made_fails_for_who_starts(base):
    class Wrong(Service):
        def __init__(self):
            raise ValueError("not made")

    with pytest.raises(WorkerFailed, match="not made"):
        start(Wrong, name="w")


@pytest.mark.skipif(sys.platform != "linux", reason="nobody else limits the memory of a process")
def test_a_worker_that_wants_all_the_memory_is_refused():
    def greedy(service):
        service.held = bytearray(4 << 30)

    with start(greedy, name="g") as worker, pytest.raises(WorkerFailed, match="MemoryError"):
        worker.wait("exit")


def test_what_a_closure_holds_is_sent_although_its_file_is_gone(tmp_path, monkeypatch):
    file = tmp_path / "gone_by_then.py"
    file.write_text("def step(service):\n    service.failpoint('step')\n")
    monkeypatch.syspath_prepend(tmp_path)
    step = importlib.import_module("gone_by_then").step
    file.unlink()
    with start(lambda service: step(service), name="c") as worker:
        worker.wait("exit")
        assert worker.passed == ["step"]


def test_plain_values_are_no_reason_to_send_their_modules(tmp_path):
    plain = pickled(endless, {"name": "x"})
    assert len(pickled(endless, {"path": tmp_path})) < len(plain) + 500


def test_failpoints_are_counted_together_and_told_in_their_order():
    def two(service):
        for name in ("a", "b", "a", "b"):
            service.failpoint(name)

    with start(two, name="t", failpoints={ANY: kill(at=3)}) as worker:
        worker.wait("exit")
        assert worker.exit == "was killed by SIGKILL" and worker.passed == ["a", "b", "a"]
        assert worker.reached == {"a": 2, "b": 1, ANY: 3}


def test_the_nursery_that_is_killed_takes_its_services_along_and_another_one_begins():
    with start(endless, name="e") as worker:
        was = psutil.Process(worker.pid)
        was.parent().kill()
        worker.wait("exit")
        assert worker.exit == "ended with the nursery" and is_dead(was)
        worker.restart()
        worker.wait("round")
        assert worker.alive and worker.pid != was.pid


def test_what_a_service_has_started_ends_with_it():
    def parent(service):
        service.note("child", pid=subprocess.Popen(["sleep", "600"]).pid)
        service.failpoint("started")
        time.sleep(600)

    with start(parent, name="p") as worker:
        worker.wait("started")
        child = psutil.Process(worker.notes[0]["pid"])
        worker.kill()
    deadline = time.monotonic() + 10
    while not is_dead(child):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_an_interrupted_cell_leaves_nothing_behind_at_whatever_moment_it_is_interrupted():
    """Nor does the answer to a question that was interrupted reach the next one."""
    with start(endless, name="first"):
        pass
    nursery = psutil.Process(nursery_client._nursery.pid)
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    interrupted = 0
    try:
        for moment in range(1, 31):
            signal.setitimer(signal.ITIMER_REAL, 0.001 * moment)
            try:
                with start(endless, name="e") as worker:
                    worker.wait("exit")
            except KeyboardInterrupt:
                interrupted += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert interrupted == 30
    with start(endless, name="last") as worker:
        worker.wait("round")
        assert [child.pid for child in nursery.children()] == [worker.pid]


KERNEL = """
import time, sys
from pathlib import Path
from splitbrain.messaging import folders
folders.local_folders = lambda: [Path(sys.argv[1])]
from splitbrain.messaging.worker import start
def endless(service):
    time.sleep(600)
worker = start(endless, name="w")
worker.pause()
print(worker.pid, flush=True)
time.sleep(600)
"""


def test_a_worker_that_is_stopped_ends_with_its_kernel_that_is_killed(base):
    with subprocess.Popen([sys.executable, "-c", KERNEL, str(base)], stdout=subprocess.PIPE, text=True) as kernel:
        worker = psutil.Process(int(kernel.stdout.readline()))
        kernel.kill()
    deadline = time.monotonic() + 10
    while not is_dead(worker) or list(base.iterdir()):
        assert time.monotonic() < deadline, "the worker outlives its kernel"
        time.sleep(0.01)
