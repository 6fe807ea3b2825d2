"""A learner's code as a process that is killed at a named point: before a command, before a statement, after its end.

It is a `splitbrain.messaging.worker`, so it is killed by itself, with SIGKILL, and nothing in it is tidied up. The
points of one undisturbed run are the moments at which the next ones die. One that does not end is killed after a
while, and named.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from splitbrain.course.feedback import Wrong
from splitbrain.course.learner import blame_elsewhere
from splitbrain.messaging.errors import WorkerFailed, WorkerTimeout
from splitbrain.messaging.running_service import ANY, kill
from splitbrain.messaging.worker import start

SECONDS = 10.0  # for one process: each of them has a handful of messages to do


@dataclass(frozen=True)
class Ended:
    """How a process ended: its answer, and the points that it passed; `killed` if it died at its point."""

    killed: bool
    points: tuple[str, ...] = ()
    answer: Any = None


def run(work: Callable[[Any], Any], *, doing: str, deadly: int | None = None, **arguments: Any) -> Ended:
    """Run ``work(process)`` in a process of its own; ``process.failpoint`` is called at each moment that has a name.

    Parameters
    ----------
    doing : str
        Completes "Your code raised ... ": ``with five messages in the stream``.
    deadly : int, optional
        The point at which it is killed, from 0.
    **arguments
        Attributes of the process, the learner's function among them.

    Raises
    ------
    Wrong
        It did not end, or ended itself, or cannot be moved into a process.
    Raised
        It raised.
    """
    deaths = {} if deadly is None else {ANY: kill(at=deadly + 1)}
    try:
        process = start(_to_its_end, name="your process", failpoints=deaths, work=work, **arguments)
    except (pickle.PicklingError, TypeError) as error:
        raise Wrong(f"Your function cannot be moved into another process: {error}. Does it use a connection or a "
                    "file that stands outside of it?", expected="a function that works on what it is given",
                    got=type(error).__name__) from None
    with process:
        try:
            process.wait("exit", SECONDS)
        except WorkerTimeout:
            raise Wrong(f"Your process did not end {doing}: after {SECONDS:g} seconds it still ran, and was stopped. "
                        "It has to return when there is nothing more for it to do.",
                        expected="a function that returns", got="one that goes on") from None
        except WorkerFailed:
            error = process.error
            raise blame_elsewhere(error.type, error.text, error.frames, doing) from None
        points = tuple(process.passed)
        if deadly is not None and len(points) == deadly + 1:
            return Ended(True, points)
        if not process.notes:
            raise Wrong(f"Your process ended by itself {doing}, without returning.", expected="a function that returns",
                        got=f"it {process.exit}")
        return Ended(False, points, process.notes[-1]["answer"])


def _to_its_end(process) -> None:
    answer = process.work(process)
    process.failpoint("its end")
    process.note("ended", answer=answer if isinstance(answer, bool | int | str | list | None) else repr(answer))


def mortal_client(url: str, point: Callable[[str], None]):
    """A client of which each command, and each pipeline, is a point before it and one after it."""
    import redis

    class Pipeline(redis.client.Pipeline):
        def execute(self, *args: Any, **options: Any) -> Any:
            return between("its pipeline", lambda: super(Pipeline, self).execute(*args, **options))

    class Client(redis.Redis):
        def execute_command(self, *args: Any, **options: Any) -> Any:
            return between(str(args[0]), lambda: super(Client, self).execute_command(*args, **options))

        def pipeline(self, transaction: bool = True, shard_hint: Any = None) -> Pipeline:
            return Pipeline(self.connection_pool, self.response_callbacks, transaction, shard_hint)

    def between(name: str, command: Callable[[], Any]) -> Any:
        point(f"before {name}")
        answer = command()
        point(f"after {name}")
        return answer

    return Client.from_url(url, decode_responses=True)
