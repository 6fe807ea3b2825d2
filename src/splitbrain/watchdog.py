"""Stops code that will not end: a learner's loop, a handler that spins.

A timer signal interrupts the main thread and raises there. It works where the code swallows everything
(``except BaseException: pass`` in a loop): what was swallowed is raised again one line *after* the ``try``
that swallowed it, and so on outwards, until the code has been left.

What it cannot do: interrupt C code that does not return to Python (``sum(itertools.count())``, an endless SQL
query), nor watch any thread but the main one, nor run where there is no ``setitimer`` (Windows). In the
last two cases `watchdog.armed` is False and the code runs unwatched. Ctrl-C is left as it is.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

_GRACE = 0.3  # seconds for `finally` and `__exit__` to clean up, before what was swallowed is raised again
_LONGEST_TICK = 0.25

_watching: list[watchdog] = []  # the outermost first
_foreign: _Foreign | None = None  # what somebody else had set before the outermost began


class Stuck(BaseException):
    """The code was stopped. Not an `Exception`, so that ``except Exception`` in a loop does not keep it going."""


class watchdog:  # noqa: N801  (reads as a statement: with watchdog(5, ...))
    """``with watchdog(seconds, on_stuck):`` stops its body when it makes no progress.

    Watchdogs nest; the outermost one that is due acts. A timer and a ``SIGALRM`` handler that were set before are
    served meanwhile and set again afterwards.

    Parameters
    ----------
    seconds : float
        Processor seconds of this thread without progress. A body that waits instead of computing is stopped after
        `patience` times as long by the clock: a busy machine makes code slow, not wrong.
    on_stuck : callable
        Called with the frame that was interrupted; returns the exception to raise there. It may be called
        again if the code swallowed that exception.
    progress : callable, optional
        Any value that changes as long as the body gets on, such as a count of steps. Without it the whole
        body has `seconds`.
    where : callable, optional
        ``where(frame)`` is true for code that may be interrupted anywhere, such as the learner's. Other frames
        are left to return to such code first, for up to four ticks, because half of what they do may not be left
        undone; and an exception that reached them counts as delivered. Default: all.
    patience : float
        See `seconds`.

    Attributes
    ----------
    armed : bool
        False where nothing can be watched.
    fired : int
        How often it had to act.
    """

    def __init__(self, seconds: float, on_stuck: Callable[[FrameType], BaseException], *,
                 progress: Callable[[], Any] | None = None, where: Callable[[FrameType], bool] | None = None,
                 patience: float = 4.0):
        if not seconds > 0:
            raise ValueError(f"seconds must be positive, got {seconds!r}")
        self.seconds, self.patience = seconds, patience
        self.tick = min(_LONGEST_TICK, seconds / 4)
        self.armed, self.fired = False, 0
        self._on_stuck, self._progress, self._where = on_stuck, progress, where
        self._tracing: dict[FrameType, Any] = {}
        self._acted = 0.0

    def __enter__(self) -> watchdog:
        self._outer = sys._getframe(1)
        self._seen = self._progress() if self._progress else None
        self._begin()
        if hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread():
            self._trace_before = sys.gettrace()
            _push(self)
            self.armed = True
        return self

    def __exit__(self, *_) -> None:
        if self.armed:
            self.armed = False
            self._stop_tracing()
            _pop(self)
        self._outer = None

    def again(self) -> None:
        """What follows is another body: that it had to act is forgotten."""
        if self.fired:
            self.fired = 0
            self._stop_tracing()
            self._begin()

    def _begin(self) -> None:
        self._cpu, self._clock = time.thread_time(), time.monotonic()

    def _is_due(self) -> bool:
        if self.fired:
            return time.monotonic() - self._acted > _GRACE
        if self._progress and (seen := self._progress()) != self._seen:
            self._seen = seen
            self._begin()
            return False
        if time.thread_time() - self._cpu >= self.seconds:
            return True
        return time.monotonic() - self._clock >= self.seconds * self.patience

    def _act(self, frame: FrameType) -> None:
        """Raise here, or see to it that it is raised as soon as `where` allows."""
        allowed = [f for f in self._frames(frame) if self._may(f)]
        if self.fired and not allowed:
            return  # it was delivered to code that knows what to do with it
        self.fired += 1
        self._acted = time.monotonic()
        here = not allowed or allowed[0] is frame or self.fired > 4
        if self.fired > 1 or not here:
            self._trace(allowed)
        if here:
            raise self._error(frame)

    def _may(self, frame: FrameType) -> bool:
        return self._where is None or self._where(frame)

    def _frames(self, frame: FrameType | None) -> Iterator[FrameType]:
        while frame is not None:
            if frame.f_code.co_filename != __file__:
                yield frame
            if frame is self._outer:
                return
            frame = frame.f_back

    def _error(self, frame: FrameType) -> BaseException:
        error = self._on_stuck(frame)
        error._watchdog = _Swallowed(self)
        return error

    # A trace function that raises is removed by the interpreter, so after each raise it has to be set again:
    # by the next tick at the latest, and at once when the exception is freed, which is when an `except` that
    # swallowed it ends. The line after that is outside of that `try`.

    def _trace(self, frames: list[FrameType]) -> None:
        for frame in frames:
            self._tracing.setdefault(frame, frame.f_trace)
            frame.f_trace = self._raise_at_line
        if frames:
            sys.settrace(_ignore_calls)

    def _raise_at_line(self, frame: FrameType, event: str, _arg: Any) -> Any:
        if not self.armed or event != "line":
            return self._raise_at_line
        raise self._error(frame)

    def _swallowed(self, frame: FrameType) -> None:
        if self.fired > 1:
            self._trace([f for f in self._frames(frame) if self._may(f)])

    def _stop_tracing(self) -> None:
        if self._tracing:
            sys.settrace(self._trace_before)
            for frame, before in self._tracing.items():
                frame.f_trace = before
            self._tracing.clear()



def _ignore_calls(_frame: FrameType, _event: str, _arg: Any) -> None:
    return None


class _Swallowed:
    """Tied to an exception: tells its watchdog when nobody holds that exception any more."""

    def __init__(self, owner: watchdog):
        self._owner = owner

    def __del__(self):
        if self._owner.armed:
            self._owner._swallowed(sys._getframe(1))


class _Foreign:
    """Somebody else's timer and handler, served by our ticks while we have the signal."""

    def __init__(self, handler: Any, remaining: float, interval: float):
        self.handler, self.interval = handler, interval
        self.due = time.monotonic() + remaining if remaining else None

    def serve(self, frame: FrameType | None) -> None:
        if self.due is None or time.monotonic() < self.due:
            return
        self.due = self.due + self.interval if self.interval else None
        if callable(self.handler):
            self.handler(signal.SIGALRM, frame)

    def restore(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)  # before the handler goes: the signal's default ends the process
        signal.signal(signal.SIGALRM, signal.SIG_DFL if self.handler is None else self.handler)
        if self.due is not None:
            signal.setitimer(signal.ITIMER_REAL, max(self.due - time.monotonic(), 1e-6), self.interval)


def _push(watch: watchdog) -> None:
    global _foreign
    if not _watching:
        before = signal.setitimer(signal.ITIMER_REAL, 0)
        _foreign = _Foreign(signal.signal(signal.SIGALRM, _tick), *before)
    _watching.append(watch)
    _set_timer(_shortest_tick())


def _pop(watch: watchdog) -> None:
    _watching.remove(watch)
    if not _watching:
        _foreign.restore()
    elif watch.tick < (tick := _shortest_tick()):
        _set_timer(tick)


def _shortest_tick() -> float:
    return min([watch.tick for watch in _watching])


def _set_timer(tick: float) -> None:
    first = tick if _foreign.due is None else min(tick, max(_foreign.due - time.monotonic(), 1e-6))
    signal.setitimer(signal.ITIMER_REAL, first, tick)


def _tick(_signum: int, frame: FrameType | None) -> None:
    if _watching:
        _foreign.serve(frame)
    if frame is None or frame.f_code.co_filename == __file__:
        return  # entering or leaving: the next tick will do
    for watch in list(_watching):
        if watch.armed and watch._is_due():
            watch._act(frame)
