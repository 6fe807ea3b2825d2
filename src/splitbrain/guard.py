"""What surrounds a run: nothing of the real world reaches node code, and a handler that spins is stopped.

During a run no asyncio loop is visible (or ``asyncio.create_task`` in a handler would really run on Jupyter's),
and in the running thread ``time.sleep``, new threads and new event loops are refused, by name, with what to do
instead. Other threads, Jupyter's among them, notice nothing. The first Ctrl-C lets the present event end.
"""

from __future__ import annotations

import asyncio
import asyncio.events
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from splitbrain.clock import Clock
from splitbrain.errors import Misuse, RunsForever
from splitbrain.watchdog import Stuck, watchdog

_running_loop = asyncio._get_running_loop  # as it is outside of all runs
_HERE = os.path.dirname(__file__)
PATIENCE = 5.0  # seconds of processor time that one event may take


def _label(clock: Clock) -> str:
    handler = clock.task.label if clock.task is not None else clock.message[4] if clock.message else "code"
    handler = clock.label or handler
    return f"{clock.owner.name}.{handler}"


_ASYNCIO = ("asyncio is not what runs node code: use self.sleep, self.gather, self.timeout, self.create_task and "
            "self.event, which bear asyncio's names")
_LOOPS = ("get_running_loop", "_get_running_loop", "get_event_loop", "new_event_loop")
_ELSEWHERE = [(asyncio.events, "_get_event_loop"), (asyncio.tasks, "current_task"), (asyncio, "current_task")]
_REFUSED: list[tuple[Any, str, str]] = [
    (time, "sleep", "time.sleep stops the whole simulation, not one node: await self.sleep(milliseconds)"),
    (threading.Thread, "start", "a thread would run outside of virtual time: use self.create_task(self.method())"),
    *((asyncio.events, name, _ASYNCIO) for name in _LOOPS),
    *((asyncio, name, _ASYNCIO) for name in _LOOPS),
    *((place, name, _ASYNCIO) for place, name in _ELSEWHERE if hasattr(place, name)),
]


def _refuse(clock: Clock, original: Callable, advice: str, thread: int) -> Callable:
    def refused(*args: Any, **options: Any) -> Any:
        if clock.owner is None or threading.get_ident() != thread:
            return original(*args, **options)
        raise clock.fail(Misuse(f"{_label(clock)}: {advice}"))

    return refused


@contextmanager
def guarded(clock: Clock) -> Iterator[None]:
    """Run the simulation in here."""
    loop = _running_loop()
    hooks = sys.get_asyncgen_hooks()
    asyncio._set_running_loop(None)
    sys.set_asyncgen_hooks(None, None)  # or an async generator of a node would be closed by Jupyter's loop
    outermost, clock.guarded = not clock.guarded, True
    if outermost:
        clock.fatal = None
    thread = threading.get_ident()
    before = [(place, name, getattr(place, name)) for place, name, _ in _REFUSED]
    for (place, name, original), (_, _, advice) in zip(before, _REFUSED, strict=True):
        setattr(place, name, _refuse(clock, original, advice, thread))
    try:
        watch = watchdog(PATIENCE, lambda frame: _spins(clock, frame), progress=lambda: (clock.serial, clock.entered),
                         where=_is_not_ours)
        with _interruptible(clock), watch:
            yield
    finally:
        for place, name, original in before:
            setattr(place, name, original)
        clock.guarded = not outermost
        sys.set_asyncgen_hooks(*hooks)
        asyncio._set_running_loop(loop)


def _is_not_ours(frame: FrameType) -> bool:
    """Code that may be stopped anywhere: no half of what this package does by itself is to be left undone."""
    return os.path.dirname(frame.f_code.co_filename) != _HERE


def _spins(clock: Clock, frame: FrameType) -> BaseException:
    who = f"{_label(clock)} (line {frame.f_lineno})" if clock.owner is not None else "an event"
    clock.fail(RunsForever(f"{who} spins: it has computed for {PATIENCE:g} s without an await or a return. Look for a "
                           "loop that never ends; to wait for something, await self.sleep(ms) or an event in it"))
    return Stuck("stopped")


@contextmanager
def _interruptible(clock: Clock) -> Iterator[None]:
    """Ctrl-C stops the run between two events, so nothing is half done; a second one interrupts at once."""
    if (threading.current_thread() is not threading.main_thread()
            or signal.getsignal(signal.SIGINT) is not signal.default_int_handler):
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        if isinstance(clock.fatal, KeyboardInterrupt):
            signal.default_int_handler(number, frame)
        clock.fail(KeyboardInterrupt())

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
