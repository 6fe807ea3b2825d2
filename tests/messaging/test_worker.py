"""A service as a process: started from a class, killed exactly at a failpoint, paused, restarted, stopped, named."""

import subprocess
import sys
import time

import psutil
import pytest

from splitbrain.messaging.errors import WorkerFailed, WorkerTimeout
from splitbrain.messaging.running_service import Service, kill, pause
from splitbrain.messaging.server import start_server
from splitbrain.messaging.worker import start


@pytest.fixture(autouse=True)
def nothing_left(base):
    yield
    left = [path.name for path in base.iterdir()]
    assert left == []


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
    def endless(service):
        while True:
            pass

    with start(endless, name="turner") as worker:
        pid = worker.pid
        with pytest.raises(WorkerTimeout, match=r"turner did not end within 0.3 s(.|\n)*in endless"):
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
    while worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE or list(base.iterdir()):
        assert time.monotonic() < deadline, "the worker outlives its kernel"
        time.sleep(0.01)
