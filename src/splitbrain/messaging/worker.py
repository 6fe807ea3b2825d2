"""Services as processes of the operating system: started from a cell, watched, killed at named failpoints, restarted.

    from splitbrain.messaging.running_service import Service, kill, pause
    from splitbrain.messaging.worker import start

    class Payment(Service):
        def run(self):
            while self.running:                            # until worker.stop()
                job = self.redis.blpop("jobs", timeout=1)
                if job:
                    self.db["paid"].insert({"job": job[1]})
                    self.failpoint("after-commit")         # here it dies, or waits
                    self.note("paid", job=job[1])

    with start(Payment, name="payment", redis=server, failpoints={"after-commit": kill(at=3)}) as worker:
        worker.wait("exit")                                # SIGKILLed at the third commit, exactly there
        worker.restart()                                   # same name, same database
        worker.history, worker.notes, worker.log()         # of all its lives
"""

from __future__ import annotations

import atexit
import itertools
import json
import linecache
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import types
import weakref
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from splitbrain.messaging import nursery
from splitbrain.messaging.errors import WorkerFailed, WorkerTimeout
from splitbrain.messaging.folders import make_private_folder
from splitbrain.messaging.recorder import EPOCH_NS, read_history, read_notes
from splitbrain.messaging.running_service import ANY, Action, offered
from splitbrain.records import History

GRACE_SECONDS = 2.0
POLL_SECONDS = 0.002
LIGHT = ("splitbrain.messaging", "splitbrain.services")  # what a worker may import: a few milliseconds


def start(service, *, name: str, redis=None, database: Path | str | None = None,
          failpoints: dict[str, Action] | None = None, **arguments: Any) -> Worker:
    """Start a service as a process, and wait until its `run` begins.

    Parameters
    ----------
    service : subclass of Service, or function of a Service
        From a cell, or from a module.
    name : str
    redis : Server or str, optional
        Whose ``url`` it is to use, or that URL.
    database : path, optional
        Its database; without it a new one that goes with the worker.
    failpoints : dict, optional
        What happens at which failpoint, or at `ANY` of them counted together: `kill`, `pause` or `fail` of
        `splitbrain.messaging.running_service`.
    **arguments
        Become attributes of the service.

    Raises
    ------
    WorkerFailed
        It raised before `run`.
    """
    return Worker(service, name, redis, database, arguments, failpoints or {})


@dataclass(frozen=True)
class Error:
    """What ended a service: the exception's type and text, and its frames, outermost first: file, line, function."""

    type: str
    text: str
    frames: list[tuple[str, int, str]]

    def __str__(self) -> str:
        lines = [f"  line {line}, in {function}: {linecache.getline(file, line).strip()}"
                 for file, line, function in self.frames]
        return "\n".join([*lines, f"{self.type}: {self.text}"])


class Worker:
    """A service's process, and those that `restart` made after it. As a context manager it is ended at the end."""

    def __init__(self, service, name, redis, database, arguments, failpoints):
        if taken := sorted(set(offered()) & arguments.keys()):
            raise ValueError(f"{', '.join(taken)}: a service has that already; call the argument otherwise")
        self.name, self.life = name, 0
        self._service, self._arguments = service, arguments
        self._redis = getattr(redis, "url", redis)
        self.folder = make_private_folder(None)
        self.database = Path(database).absolute() if database else self.folder / "service.db"
        self._finalizer = weakref.finalize(self, _remove, os.getpid(), self.folder)
        try:
            self._launch(failpoints)
        except BaseException:
            self.close()
            raise

    def restart(self, service=None, *, failpoints: dict[str, Action] | None = None) -> None:
        """Start it again, on the same database; one that still runs is killed first. Failpoints only as given now."""
        self.kill()
        self._service = service or self._service
        self._launch(failpoints or {})

    def kill(self) -> None:
        """SIGKILL; returns when it is dead."""
        self._send(signal.SIGKILL)
        self._until(lambda: not self.alive, 10, "end after SIGKILL")

    def pause(self) -> None:
        """SIGSTOP; returns when it is really stopped."""
        self._send(signal.SIGSTOP)
        self._until(lambda: self.paused or not self.alive, 10, "stop")

    def resume(self) -> None:
        """SIGCONT."""
        self._send(signal.SIGCONT)

    def stop(self, grace: float = GRACE_SECONDS) -> str:
        """Ask it to stop (SIGTERM), kill it if it has not within `grace` seconds; returns how it ended."""
        self._send(signal.SIGTERM)
        self._send(signal.SIGCONT)
        deadline = time.monotonic() + grace
        while self.alive and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        self.kill()
        return self.exit

    def close(self) -> None:
        """Kill it and remove its folder, with the history and the database if that is its own."""
        self._finalizer()

    def wait(self, until: str = "exit", timeout: float = 10.0, *, times: int = 1) -> None:
        """Wait until it ends (``"exit"``), or has reached a failpoint `times` times in this life.

        Raises
        ------
        WorkerTimeout
            It has not within `timeout` seconds. It is killed, and the error says where it was.
        WorkerFailed
            It ended with an error, or what is waited for can no longer come.
        """
        if until == "exit":
            self._until(lambda: not self.alive, timeout, "end")
        else:
            self._until(lambda: self.reached[until] >= times or not self.alive, timeout, f"reach {until!r}")
            action = self._failpoints.get(until)
            if action and action.kind == "pause" and self.reached[until] == action.at:
                self._until(lambda: self.paused or not self.alive, timeout, f"stop at {until!r}")
        self._raise_its_error()
        if until != "exit" and self.reached[until] < times:
            raise WorkerFailed(f"{self.name} {self.exit}, and had not reached {until!r}")

    @property
    def alive(self) -> bool:
        """Whether its process is there, paused or not."""
        # Who forked it says how it ended; unless that was killed, and takes it along.
        return not self._path("exit").exists() and (_nursery_lives() or self._is_there())

    @property
    def paused(self) -> bool:
        """Whether its process is stopped."""
        with suppress(psutil.NoSuchProcess):
            return self._process.status() == psutil.STATUS_STOPPED
        return False

    @property
    def pid(self) -> int:
        """Process id of this life."""
        return self._process.pid

    @property
    def exit(self) -> str:
        """How it ended, in words; "" while it is alive."""
        if self.alive:
            return ""
        if not self._path("exit").exists():
            return "ended with the nursery"
        code = int(self._path("exit").read_text())
        if code < 0:
            return f"was killed by {signal.Signals(-code).name}"
        return "ended by itself" if code == 0 else "ended with an error" if self.error else f"ended with code {code}"

    @property
    def error(self) -> Error | None:
        """The error that ended it."""
        with suppress(FileNotFoundError):
            return Error(**json.loads(self._path("error").read_text()))
        return None

    @property
    def passed(self) -> list[str]:
        """The failpoints of this life, in the order in which it reached them."""
        return self._marks()[1:]

    @property
    def reached(self) -> Counter:
        """How often each failpoint was reached in this life; all of them together are `ANY`."""
        return Counter(self.passed) + Counter({ANY: len(self.passed)})

    @property
    def history(self) -> History:
        """The operations of all its lives; the process of a life is ``name.life``."""
        return read_history(self.files)

    @property
    def notes(self) -> list[dict]:
        """The notes of all its lives."""
        return read_notes(self.files)

    @property
    def files(self) -> list[Path]:
        """The files of its lives, for `read_history` over several workers."""
        return [self.folder / f"{life}.history" for life in range(1, self.life + 1)]

    def log(self) -> str:
        """What it has printed."""
        return "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def _path(self, what: str) -> Path:
        return self.folder / f"{self.life}.{what}"

    def _is_there(self) -> bool:
        with suppress(psutil.NoSuchProcess):
            return self._process.is_running() and self._process.status() != psutil.STATUS_ZOMBIE
        return False

    def _marks(self) -> list[str]:
        with suppress(OSError):
            return self._path("marks").read_text().split("\n")[:-1]
        return []

    def _launch(self, failpoints: dict[str, Action]) -> None:
        self.life += 1
        self._failpoints = failpoints
        self._path("pickle").write_bytes(_pickled(self._service, self._arguments))
        files = {what: str(self._path(what)) for what in ("pickle", "marks", "history", "exit", "error", "where")}
        told = files | {
            "name": self.name, "life": self.life, "redis": self._redis, "database": str(self.database),
            "folder": str(self.folder), "log": str(self._path("log")), "epoch_ns": EPOCH_NS,
            "failpoints": {name: [action.kind, action.at] for name, action in failpoints.items()},
            "path": [entry or os.getcwd() for entry in sys.path],
        }
        answer = _ask({"start": told})
        if not answer.isdigit():
            raise WorkerFailed(f"{self.name} could not be started ({answer or 'the nursery is gone'})")
        with suppress(psutil.NoSuchProcess):
            self._process = psutil.Process(int(answer))
        self._until(lambda: self._marks() or not self.alive, 20, "start")
        self._raise_its_error()

    def _raise_its_error(self) -> None:
        if not self.alive and self.error:
            raise WorkerFailed(f"{self.name} {self.exit}:\n{self.error}")

    def _send(self, number: int) -> None:
        if self.alive:
            with suppress(psutil.NoSuchProcess):
                self._process.send_signal(number)

    def _until(self, done, timeout: float, what: str) -> None:
        deadline = time.monotonic() + timeout
        while not done():
            if time.monotonic() > deadline:
                where = self._where()
                self._send(signal.SIGKILL)
                raise WorkerTimeout(f"{self.name} did not {what} within {timeout:g} s, and was killed. {where}")
            time.sleep(POLL_SECONDS)

    def _where(self) -> str:
        """Where its main thread is now."""
        if self.paused:
            return "It was paused."
        self._send(signal.SIGUSR1)
        deadline = time.monotonic() + 1
        while not (dump := self._path("where").read_text()) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        return f"It was here, innermost first:\n{dump}" if dump else ""

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, kind, *_) -> None:
        if kind is None:
            self.stop()
        self.close()

    def __repr__(self) -> str:
        return f"<Worker {self.name}: {self.exit or 'alive'}>"


def _pickled(service, arguments: dict) -> bytes:
    """By value, if it is no code that workers have anyway: a file may not be found, have changed, or import much."""
    import cloudpickle

    homes = [sys.modules.get(name) for name in _homes([service, *arguments.values()])]
    names = {home.__package__ or home.__name__ for home in homes if home}
    by_value = [sys.modules[name] for name in names if not name.startswith(("__main__", *LIGHT))]
    for module in by_value:
        cloudpickle.register_pickle_by_value(module)
    try:
        return cloudpickle.dumps((service, arguments), protocol=pickle.HIGHEST_PROTOCOL)
    finally:
        for module in by_value:
            cloudpickle.unregister_pickle_by_value(module)


def _homes(these: list) -> set[str | None]:
    """The modules of functions and classes, and of those that they have in their closures."""
    known: dict[int, Any] = {}
    for what in these:      # grows meanwhile
        if isinstance(what, types.FunctionType | type) and id(what) not in known:
            known[id(what)] = what.__module__
            these += [cell.cell_contents for cell in getattr(what, "__closure__", None) or () if cell != _EMPTY]
    return set(known.values())


_EMPTY = types.CellType()
_nursery: subprocess.Popen | None = None
_lock = threading.Lock()
_numbers = itertools.count(1)


def _ask(request: dict) -> str:
    """The nursery's answer; "" if it is gone. Asked by an interrupted cell, it may stand before that of the next."""
    global _nursery
    with _lock:
        if not _nursery_lives():
            command = [sys.executable, "-I", nursery.__file__, str(os.getpid())]
            _nursery = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
                                        start_new_session=True)
        number = next(_numbers)
        with suppress(BrokenPipeError):
            _nursery.stdin.write(json.dumps(request | {"number": number}).encode() + b"\n")
        for line in _nursery.stdout:
            of, _, answer = line.decode().strip().partition(" ")
            if int(of) == number:
                return answer
        return ""


def _nursery_lives() -> bool:
    return _nursery is not None and _nursery.poll() is None


def _remove(owner: int, folder: Path) -> None:
    if os.getpid() != owner:
        return
    try:
        _ask({"remove": str(folder)})
    except KeyboardInterrupt:       # whoever is impatient at the end of a block, too, leaves nothing behind
        _ask({"remove": str(folder)})
        raise


def _let_go() -> None:
    """In a forked child: the workers live as long as their kernel, not as long as this process."""
    if _nursery:
        _nursery.stdin.close()


@atexit.register
def _end() -> None:
    if _nursery and not _nursery.stdin.closed:
        _nursery.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            _nursery.wait(timeout=10)


os.register_at_fork(after_in_child=_let_go)
