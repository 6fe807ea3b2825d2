"""A learner's code as a process that is killed at a named point: before a command, before a statement, after its end.

The process is forked, so that functions of a notebook's cell reach it; it is killed by itself, with SIGKILL, so
nothing in it is tidied up. The points of one undisturbed run are the moments at which the next ones die. One that
does not end is killed after a while, and named.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from splitbrain.course.feedback import NotAttempted, Raised, Wrong
from splitbrain.course.learner import blame

SECONDS = 10.0  # for one process: each of them has a handful of messages to do
_LONGEST = 100_000  # points; more than that is a loop

Point = Callable[[str], None]


@dataclass(frozen=True)
class Ended:
    """How a process ended: its answer, and the points that it passed; `killed` if it died at its point."""

    killed: bool
    points: tuple[str, ...] = ()
    answer: Any = None


def run(work: Callable[[Point], Any], *, doing: str, deadly: int | None = None) -> Ended:
    """Run ``work(point)`` in a process of its own; `point(name)` is to be called at each moment that has a name.

    Parameters
    ----------
    doing : str
        Completes "Your code raised ... ": ``with five messages in the stream``.
    deadly : int, optional
        The point at which it is killed, from 0.

    Raises
    ------
    Wrong
        It did not end, or ended itself.
    Raised
        It raised.
    """
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(work, doing, deadly, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        said = _answer(ours)
        process.join(1.0 if said else SECONDS)
        if said is None and process.exitcode is None:
            raise Wrong(f"Your process did not end {doing}: after {SECONDS:g} seconds it still ran, and was stopped. "
                        "It has to return when there is nothing more for it to do.",
                        expected="a function that returns", got="one that goes on")
    finally:
        process.kill()
        process.join()
        ours.close()
    if said is None and deadly is not None and process.exitcode == -signal.SIGKILL:
        return Ended(killed=True)
    if said is None:
        raise Wrong(f"Your process ended by itself {doing}, without returning.", expected="a function that returns",
                    got=f"exit code {process.exitcode}")
    return _told(said)


def _answer(pipe) -> tuple | None:
    try:
        return pipe.recv() if pipe.poll(SECONDS) else None
    except EOFError:
        return None


def _told(said: tuple) -> Ended:
    kind, *rest = said
    if kind == "not attempted":
        raise NotAttempted()
    if kind == "raised":
        sentence, places, name = rest
        raise Raised(sentence, cause=RuntimeError(name), places=tuple(places))
    points, answer = rest
    return Ended(killed=False, points=tuple(points), answer=answer)


def _child(work: Callable[[Point], Any], doing: str, deadly: int | None, pipe) -> None:
    threading.Thread(target=_die_with, args=(os.getppid(),), daemon=True).start()
    passed: list[str] = []

    def point(name: str) -> None:
        if len(passed) == deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        passed.append(name)
        if len(passed) > _LONGEST:
            raise RuntimeError(f"{_LONGEST:,} commands, and still going on")

    try:
        answer = work(point)
        point("its end")
        pipe.send(("ended", passed, answer if isinstance(answer, bool | int | str | None) else repr(answer)))
    except BaseException as error:
        failed = blame(error, doing)
        if isinstance(failed, NotAttempted):
            pipe.send(("not attempted",))
        else:
            pipe.send(("raised", failed.sentence, getattr(failed, "places", ()), type(error).__name__))


def _die_with(parent: int) -> None:
    """A kernel that is killed takes no child along, and a learner's loop would run for ever."""
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(1)


def mortal_client(server, point: Point):
    """A client of which each command, and each pipeline, is a point before it and one after it."""
    import redis

    class Pipeline(redis.client.Pipeline):
        def execute(self, *args: Any, **options: Any) -> Any:
            return _between(point, "its pipeline", lambda: super(Pipeline, self).execute(*args, **options))

    class Client(redis.Redis):
        def execute_command(self, *args: Any, **options: Any) -> Any:
            return _between(point, str(args[0]), lambda: super(Client, self).execute_command(*args, **options))

        def pipeline(self, transaction: bool = True, shard_hint: Any = None) -> Pipeline:
            return Pipeline(self.connection_pool, self.response_callbacks, transaction, shard_hint)

    return Client.from_url(server.url, decode_responses=True)


def _between(point: Point, name: str, command: Callable[[], Any]) -> Any:
    point(f"before {name}")
    answer = command()
    point(f"after {name}")
    return answer
