"""Many jobs, here or on an executor, in their order whatever the number of workers, stopped cleanly by Ctrl-C."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from functools import lru_cache
from typing import Any

_AHEAD = 32  # jobs that may wait at the executor
_ONE_AT_A_TIME = threading.RLock()  # a cluster has its thread for itself: what guards a run is put up for the process


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
        """What each job gave. Closing the iterator cancels what has not begun."""
        if self.executor is None:
            yield from map(self._work, jobs)
            return
        jobs, waiting = iter(jobs), deque[Future]()
        try:
            for job in jobs:
                waiting.append(self.executor.submit(_do, self._packed, job))
                if len(waiting) >= _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _do(packed: bytes, job: Any) -> Any:
    with _ONE_AT_A_TIME:
        return _unpacked(packed)(job)


@lru_cache(maxsize=2)
def _unpacked(packed: bytes) -> Callable:
    import cloudpickle

    make, setup = cloudpickle.loads(packed)
    return make(*setup)
