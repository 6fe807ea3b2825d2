"""What a service is while it runs, in its own process: its Redis, its database, its failpoints, its history.

A learner subclasses `Service` in a cell; `splitbrain.messaging.worker.start` runs it as a process.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any

from splitbrain.messaging.recorder import Recorder, Told

ANY = "any"
"""Instead of the name of a failpoint: all of them, counted together."""


@dataclass(frozen=True, slots=True)
class Action:
    """What happens at a failpoint when it is reached for the time number `at` (from 1) in one life of a process."""

    kind: str
    at: int = 1

    def __post_init__(self):
        if not isinstance(self.at, int) or self.at < 1:
            raise ValueError(f"{self.kind}(at=...) counts from 1, got {self.at!r}")

    def __repr__(self) -> str:
        return f"{self.kind}(at={self.at})"


def kill(at: int = 1) -> Action:
    """The process sends itself SIGKILL there: nothing after the failpoint happens, no ``finally`` either."""
    return Action("kill", at)


def pause(at: int = 1) -> Action:
    """The process stops itself there (SIGSTOP) until `Worker.resume`: what it holds, it keeps holding."""
    return Action("pause", at)


def fail(at: int = 1) -> Action:
    """`Failed` is raised there: an error that the service can handle, or not."""
    return Action("fail", at)


class Failed(Exception):
    """Raised at a failpoint that was told to `fail`."""


class Service:
    """A service: subclass it, and write `run`.

    What `start` is given as further arguments become attributes; a class attribute of that name is their default.

    Attributes
    ----------
    name : str
    life : int
        1 for the first process of this name, 2 for the one that `restart` made, and so on.
    random : random.Random
        Seeded with name and life.
    """

    name: str = ""
    life: int = 1

    def run(self) -> None:
        """What the service does. It ends when this returns."""
        raise NotImplementedError(f"{type(self).__name__} has no run(self)")

    @property
    def running(self) -> bool:
        """True until it is asked to stop (SIGTERM). For ``while self.running:``."""
        return not self._stopping

    @cached_property
    def redis(self):
        """A client of the Redis that `start` was given, as `Server.client` makes them: strings, no silent retry."""
        from splitbrain.messaging.external import ExternalServer

        if self._redis_url is None:
            raise RuntimeError(f"{self.name} was started without redis=: give start(...) a server")
        return ExternalServer(self._redis_url, "").client()

    @cached_property
    def db(self):
        """Its own database, a `sqlite_utils.Database` in a file: WAL, ``synchronous=FULL``, 5 s for a lock."""
        import sqlite3

        import sqlite_utils

        db = sqlite_utils.Database(sqlite3.connect(self._database))
        for pragma in ("busy_timeout=5000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            db.execute(f"PRAGMA {pragma}")
        return db

    def failpoint(self, name: str) -> None:
        """A place with a name: the kernel can wait for it, and have the process killed, paused or failed at it."""
        os.write(self._marks, f"{name}\n".encode())
        for known in (name, ANY):
            self._reached[known] += 1
            action = self._failpoints.get(known)
            if action and self._reached[known] == action.at:
                self._act(action, name)

    def operation(self, f: str, value: Any = None, *, key: Any = None) -> AbstractContextManager[Told]:
        """``with self.operation("enqueue", 7) as told:`` puts an operation into the history; see `Recorder`."""
        return self._recorder.operation(f, value, key=key)

    def note(self, what: str, **details: Any) -> None:
        """Put something into the history that is no operation."""
        self._recorder.note(what, **details)

    def _act(self, action: Action, name: str) -> None:
        if action.kind == "fail":
            raise Failed(f"{self.name} was told to fail at {name!r}, the {action.at}. time")
        # To this very thread: so the signal has done its work before the call returns.
        signal.pthread_kill(threading.get_ident(), signal.SIGKILL if action.kind == "kill" else signal.SIGSTOP)

    def _set_up(self, told: dict) -> None:
        """Called in the new process, before `run`, with what `start` was given."""
        self.name, self.life = told["name"], told["life"]
        self.random = Random(f"{self.name}/{self.life}")
        self._redis_url, self._database = told["redis"], told["database"]
        self._failpoints = {name: Action(*action) for name, action in told["failpoints"].items()}
        self._reached, self._stopping = Counter(), False
        self._marks = os.open(told["marks"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._recorder = Recorder(told["history"], f"{self.name}.{self.life}", epoch_ns=told["epoch_ns"])
        signal.signal(signal.SIGTERM, self._ask_to_stop)

    def _ask_to_stop(self, *_) -> None:
        self._stopping = True


class FunctionService(Service):
    """A service that is one function of the service."""

    def __init__(self, function):
        self._function = function

    def run(self) -> None:
        """Call the function."""
        self._function(self)


def offered() -> Iterator[str]:
    """Names that no argument of a service may take."""
    return (name for name in dir(Service) if not name.startswith("__"))
