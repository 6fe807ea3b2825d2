"""What node code waits with besides futures: deadlines and events, named as asyncio names them."""

from __future__ import annotations

from typing import Any

from splitbrain.futures import Future


class _Expired(BaseException):
    """Thrown into a block that takes too long. No `Exception`, or ``except Exception`` in there would go on."""


class Deadline:
    """What `Node.timeout` returns."""

    def __init__(self, node: Any, ms: float):
        self.node, self.ms, self.task = node, ms, None
        self.future = Future()

    async def __aenter__(self) -> Deadline:
        clock = self.node.network.clock
        if clock.task is None:
            await clock.sleep(0)  # a handler's first step has no task yet that could be interrupted
        self.task = clock.task
        self.future.waiter = self
        clock.expire(self.future, self.node._us(self.ms), (self.node, _expired))
        return self

    def step(self, future: Future) -> None:
        self.task.cancel(future.error)

    async def __aexit__(self, kind: type | None, error: BaseException | None, trace: Any) -> None:
        self.future.waiter, self.future.done = None, True
        if self.future.error is not None and (error is None or error is self.future.error):
            raise TimeoutError(f"{self.node.name}.{self.task.label}: not done within {self.ms:g} ms") from None


def _expired(_: tuple) -> BaseException:
    return _Expired()


class Event:
    """What `Node.event` returns."""

    def __init__(self, node: Any):
        self.node = node
        self.waiting: list[Future] = []
        self._set = False

    def is_set(self) -> bool:
        return self._set

    def set(self) -> None:
        """Let everyone who waits go on."""
        self._set = True
        clock = self.node.network.clock
        waiting, self.waiting = self.waiting, []
        for future in waiting:
            clock.call_at(clock.us, future.resolve)

    def clear(self) -> None:
        self._set = False

    def wait(self) -> Future:
        """Await this."""
        self.node._breathe()
        future = Future()
        if self._set:
            self.node.network.clock.call_at(self.node.network.clock.us, future.resolve)
        else:
            self.waiting.append(future)
        return future
