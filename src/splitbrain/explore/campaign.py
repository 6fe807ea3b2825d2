"""Many jobs, here or on an executor, in their order whatever the number of workers, stopped cleanly by Ctrl-C."""

from __future__ import annotations

import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from functools import lru_cache
from typing import Any

from splitbrain.guard import surrounded

_AHEAD = 32  # jobs that may wait at the executor
_ONE_AT_A_TIME = threading.RLock()  # a cluster has its thread for itself: what guards a run is put up for the process


class WorkerLost(RuntimeError):
    """A process in which runs were made has died, and what it was doing is lost."""


class Campaign:
    """Runs ``work(job)`` for each job; gives results in the order of the jobs.

    Parameters
    ----------
    make : callable
        ``make(*setup)`` gives the function `work`. It is called once in each worker.
    setup : tuple
        Travels as cloudpickle bytes, so it may hold classes and functions of a notebook.
    executor : concurrent.futures.Executor or None
        None works here. Processes make it faster; threads of one process take turns.
    """

    def __init__(self, make: Callable[..., Callable], setup: tuple, executor: Executor | None = None):
        self.executor = executor
        self._packed = None
        if executor is None:
            self._work = make(*setup)
        else:
            import cloudpickle

            self._packed = cloudpickle.dumps((make, setup))

    def results(self, jobs: Iterable[Any]) -> Iterator[Any]:
        """What each job gave. Closing the iterator cancels what has not begun.

        Raises
        ------
        WorkerLost
            If the executor has broken. What came before has been given.
        """
        if self.executor is None:
            for job in jobs:
                yield _do(self._work, job)
            return
        waiting = deque[Future]()
        try:
            for job in jobs:
                waiting.append(self._submit(job))
                if len(waiting) >= _AHEAD:
                    yield _result(waiting.popleft())
            while waiting:
                yield _result(waiting.popleft())
        except BrokenExecutor as error:
            raise WorkerLost("a worker died: it was out of memory, or code that it ran has ended its process. The "
                             "executor cannot be used again") from error
        finally:
            for future in waiting:
                future.cancel()


    def _submit(self, job: Any) -> Future:
        try:
            return self.executor.submit(_do_packed, self._packed, job)
        except BrokenExecutor as error:  # said in its turn: what was done before is given first
            broken = Future()
            broken.set_exception(error)
            return broken


def _do(work: Callable, job: Any) -> Any:
    with _ONE_AT_A_TIME, surrounded():
        return work(job)


def _do_packed(packed: bytes, job: Any) -> tuple[Any, bytes]:
    """The result, or an error as cloudpickle bytes: its class may be a notebook's, too."""
    try:
        with _ONE_AT_A_TIME:
            return _do(_unpacked(packed), job), b""
    except Exception as error:
        import cloudpickle

        error.add_note("".join(["In the worker: ", *traceback.format_exception(error)]))  # its traceback stays here
        return None, cloudpickle.dumps(error)


def _result(future: Future) -> Any:
    value, error = future.result()
    if error:
        import cloudpickle

        raise cloudpickle.loads(error)
    return value


@lru_cache(maxsize=2)
def _unpacked(packed: bytes) -> Callable:
    import cloudpickle

    make, setup = cloudpickle.loads(packed)
    return make(*setup)
