"""Futures and tasks: coroutines driven step by step, in virtual time.

Node code awaits futures; a `Task` is a coroutine that waits for one, and goes on when it is done. asyncio's names,
without asyncio: see `splitbrain.clock`.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from splitbrain.errors import Crash, Misuse
from splitbrain.watchdog import Stuck

if TYPE_CHECKING:
    from splitbrain.clock import Clock


class Future:
    """A value that is not there yet. Awaiting it gives the value, or raises the error it ended in.

    `depth` counts the message delays behind the value (see `splitbrain.records.Message`). The fields are class
    attributes until they are set: a future is made for every call, and this makes it four times as fast.
    """

    done = False
    value: Any = None
    error: BaseException | None = None
    waiter: Any = None
    depth = 0

    def __await__(self):
        if not self.done:
            yield self
        if self.error is None:
            return self.value
        error = self.error
        try:
            raise error
        finally:  # or this frame, the traceback and the error would hold one another until the collector comes
            del self, error

    def __bool__(self) -> bool:
        raise TypeError("this is the promise of an answer, neither true nor false: write 'await' before the call")

    def resolve(self, value: Any = None) -> bool | None:
        """Set the value and go on with whoever waits. Only the clock's loop may call this, never node code."""
        if self.done:
            return True
        self.done = True
        self.value = value
        if self.waiter is not None:
            return self.waiter.step(self)
        return None

    def reject(self, error: BaseException) -> None:
        """End in an error."""
        if not self.done:
            self.done = True
            self.error = error
            if self.waiter is not None:
                self.waiter.step(self)


class Task(Future):
    """A coroutine of a node, driven step by step; as a future, its outcome.

    `owner` is the node (or client) that it belongs to, `cause` the operation that it works for, `message` the
    message that it handles, if it does. `label` names the handler in errors.
    """

    waits_for: Future | None = None
    repeating = False

    def __init__(self, clock: Clock, coroutine: Coroutine, owner: Any, cause: Any, label: str, message: Any = None):
        self.clock = clock
        self.coroutine = coroutine
        self.owner = owner
        self.cause = cause
        self.label = label
        self.message = message
        owner.tasks[self] = None

    def __repr__(self) -> str:
        return f"<task {self.label} of {self.owner.name}>"

    def step(self, future: Future | None = None) -> bool | None:
        """Go on until the next await; True if there was nothing to go on with."""
        if self.done or future is not self.waits_for:
            return True
        owner = self.owner
        if owner.frozen is not None:
            owner.frozen.append((self.step, future))
            return None
        if future is not None and future.depth > self.depth:
            self.depth = future.depth
        clock = self.clock
        clock.owner = owner
        clock.cause = self.cause
        clock.depth = self.depth
        clock.message = self.message
        clock.task = self
        try:
            awaited = self.coroutine.send(None)
        except StopIteration as stop:
            self.end(stop.value, None)
        except BaseException as error:
            self.end(None, error)
            if not isinstance(error, (Exception, Crash, Stuck)):
                raise
        else:
            self.suspend(awaited)
        finally:
            clock.owner = clock.task = None
        return None

    def suspend(self, awaited: Any) -> None:
        """Wait for what was awaited, if it is something that virtual time knows."""
        self.depth = self.clock.depth
        if not self.owner.alive:  # it swallowed its Crash and tried to go on
            if not self.abandon():
                self.clock.fail(self.undead())
            return
        if isinstance(awaited, Future) and not self.owner.connection.in_transaction:
            self.waits_for = awaited
            if awaited.waiter is None:
                awaited.waiter = self
            else:
                _add_waiter(awaited, self)
            return
        problem = self.clock.fail(self.owner.cannot_wait(awaited, self.label))
        try:
            self.coroutine.throw(problem)
        except BaseException as error:
            self.end(None, error if error is problem else problem)
        else:
            self.abandon()
            self.end(None, problem)

    def end(self, value: Any, error: BaseException | None) -> None:
        """Record the outcome; whoever waits goes on in a step of its own."""
        if self.done:
            return
        self.depth = max(self.depth, self.clock.depth)
        self.done, self.value, self.error = True, value, error
        if error.__class__ is Crash:  # nobody asks where; and it would hold the frames of a dead node, which hold it
            error.__traceback__ = None
        self.waits_for = None
        self.owner.tasks.pop(self, None)
        self.owner.ended(self)
        if self.waiter is not None:
            self.clock.call_at(self.clock.us, self.waiter.step, self)

    def cancel(self, error: BaseException) -> None:
        """Raise an error at the task's await, now."""
        if not self.done:
            self.waits_for = future = Future()
            self.coroutine = _Throwing(self, error)
            self.step(future)

    @property
    def awaited(self) -> bool:
        """Whether somebody still waits for the outcome, who will hear of an error."""
        waiter = self.waiter
        if isinstance(waiter, Task):
            return waiter.waits_for is self
        return waiter is not None and not getattr(waiter, "done", False)

    def abandon(self) -> bool:
        """End the coroutine whatever its ``finally`` and ``except`` do; False if it would not end."""
        self.done, self.error = True, self.error or Crash("abandoned")
        self.owner.tasks.pop(self, None)
        for _ in range(100):
            try:
                self.coroutine.close()
            except RuntimeError:  # "coroutine ignored GeneratorExit": a finally that awaits
                continue
            except BaseException:  # it raised instead of ending: it has ended
                return True
            else:
                return True
        keep_for_ever(self.coroutine)
        return False

    def undead(self) -> Misuse:
        """The error that names this coroutine after `abandon` has failed."""
        return Misuse(f"{self.owner.name}.{self.label} would not end when its node crashed: it catches BaseException "
                      "in a loop. Catch Exception instead")


@types.coroutine
def later(function: Callable, *arguments: Any) -> Any:
    """A coroutine function, called at the first step only.

    A cluster that nobody ran or closed is let go in silence so; else Python would warn, somewhere and some time, that
    its coroutines were never awaited.
    """
    return (yield from function(*arguments))


def keep_for_ever(coroutine: Coroutine) -> None:
    """Hold a coroutine that survived every ``close()``: the collector, or the end of Python, would run it again."""
    import ctypes  # a list of ours would be let go when the interpreter ends

    ctypes.pythonapi.Py_IncRef(ctypes.py_object(coroutine))


class _Throwing:
    """Stands in for a task's coroutine until the next ``send``, which throws instead."""

    def __init__(self, task: Task, error: BaseException):
        self.task, self.coroutine, self.error = task, task.coroutine, error

    def send(self, _: Any) -> Any:
        self.task.coroutine = self.coroutine
        return self.coroutine.throw(self.error)

    def close(self) -> None:
        self.coroutine.close()


class _Several:
    """More than one waiter of a future, in the order in which they came."""

    __slots__ = ("waiters",)

    def __init__(self, *waiters: Any):
        self.waiters = list(waiters)

    def step(self, future: Future) -> None:
        for waiter in self.waiters:
            waiter.step(future)


def _add_waiter(future: Future, waiter: Any) -> None:
    if future.waiter is None:
        future.waiter = waiter
    elif isinstance(future.waiter, _Several):
        future.waiter.waiters.append(waiter)
    else:
        future.waiter = _Several(future.waiter, waiter)


class Gather(Future):
    """Waits for `count` of several futures; their values in the order asked (`ordered`) or of arrival."""

    def __init__(self, clock: Clock, children: list[Future], *, count: int, ordered: bool, forgiving: bool):
        self.children, self.count, self.ordered, self.forgiving = children, count, ordered, forgiving
        self.arrived: list[Future] = []
        self.missing = len(children)
        for child in children:
            if child.done:
                clock.call_at(clock.us, self.step, child)
            else:
                _add_waiter(child, self)
        if count == 0:
            clock.call_at(clock.us, self.resolve, [])

    def step(self, child: Future) -> None:
        self.missing -= 1
        if child.error is None or self.forgiving:
            self.arrived.append(child)
        self.depth = max(self.depth, child.depth)
        if len(self.arrived) == self.count:
            ended = self.children if self.ordered else self.arrived
            self.resolve([c.value if c.error is None else c.error for c in ended])
        elif len(self.arrived) + self.missing < self.count:
            self.reject(child.error)
