"""What surrounds a run: nothing of the real world reaches node code, and a handler that spins is stopped.

During a run no asyncio loop is visible (or ``asyncio.create_task`` in a handler would really run on Jupyter's),
and in the running thread ``time.sleep``, new threads and new event loops are refused, by name, with what to do
instead. Other threads, Jupyter's among them, notice nothing. The first Ctrl-C lets the present event end.
"""

from __future__ import annotations

import asyncio
import asyncio.events
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from itertools import count
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


_runs: list[tuple[Clock, int, int]] = []  # clocks under guard, each with its thread and a number; the innermost last
_numbers = count()
_watches: dict[int, watchdog] = {}  # of the threads around whose runs everything is up
_replaced: list[tuple[Any, str, Any]] = []  # what stood in the places of the refusals
_lock = threading.Lock()


@contextmanager
def guarded(clock: Clock) -> Iterator[None]:
    """Run the simulation in here."""
    thread = threading.get_ident()
    with nullcontext() if thread in _watches else surrounded():
        outermost, clock.guarded = not clock.guarded, True
        if outermost:
            clock.fatal = None
        run = clock, thread, next(_numbers)
        _runs.append(run)
        collects = gc.isenabled()
        gc.disable()  # it could call a stranger's __del__ as if node code did; and it costs a run a fifth, for little
        try:
            yield
        finally:
            if collects:
                gc.enable()
            _runs.remove(run)
            _watches[thread].again()
            clock.guarded = not outermost
    if outermost and isinstance(clock.fatal, KeyboardInterrupt):
        clock.check()  # it came too late for the body to notice, and must not be lost


@contextmanager
def surrounded() -> Iterator[None]:
    """Around many runs: what would be put up for each of them is put up once."""
    thread = threading.get_ident()
    if thread in _watches:
        yield
        return
    loop, hooks = _running_loop(), sys.get_asyncgen_hooks()
    asyncio._set_running_loop(None)
    sys.set_asyncgen_hooks(None, None)  # or an async generator of a node would be closed by Jupyter's loop
    watch = watchdog(PATIENCE, _spins, progress=_progress, where=_is_not_ours)
    _put_up(thread, watch)
    try:
        with _interruptible(), watch:
            yield
    finally:
        _take_down(thread)
        sys.set_asyncgen_hooks(*hooks)
        asyncio._set_running_loop(loop)


def _put_up(thread: int, watch: watchdog) -> None:
    with _lock:
        if not _watches:
            for place, name, advice in _REFUSED:
                original = getattr(place, name)
                _replaced.append((place, name, original))
                setattr(place, name, _refuse(original, advice))
        _watches[thread] = watch


def _take_down(thread: int) -> None:
    with _lock:
        del _watches[thread]
        while not _watches and _replaced:
            setattr(*_replaced.pop())


def _refuse(original: Callable, advice: str) -> Callable:
    def refused(*args: Any, **options: Any) -> Any:
        clock = next((clock for clock, _ in _here() if clock.owner is not None), None)
        if clock is None:
            return original(*args, **options)
        raise clock.fail(Misuse(f"{_label(clock)}: {advice}"))

    return refused


def _here() -> Iterator[tuple[Clock, int]]:
    """The clocks that are under guard in this thread, each with its number, the innermost first."""
    thread = threading.get_ident()
    return ((clock, number) for clock, its, number in reversed(_runs) if its == thread)


def _is_not_ours(frame: FrameType) -> bool:
    """Code that may be stopped anywhere: no half of what this package does by itself is to be left undone."""
    return os.path.dirname(frame.f_code.co_filename) != _HERE


def _progress() -> Any:
    """What changes while the innermost run gets on; outside of all runs it always does."""
    clock, number = next(_here(), (None, 0))
    return time.monotonic() if clock is None else (number, clock.serial, clock.entered)


def _spins(frame: FrameType) -> BaseException:
    clock, _ = next(_here())
    who = f"{_label(clock)} (line {frame.f_lineno})" if clock.owner is not None else "an event"
    clock.fail(RunsForever(f"{who} spins: it has computed for {PATIENCE:g} s without an await or a return. Look for a "
                           "loop that never ends; to wait for something, await self.sleep(ms) or an event in it"))
    return Stuck("stopped")


@contextmanager
def _interruptible() -> Iterator[None]:
    """Ctrl-C stops a run between two events, so nothing is half done; a second one interrupts at once."""
    if (threading.current_thread() is not threading.main_thread()
            or signal.getsignal(signal.SIGINT) is not signal.default_int_handler):
        yield
        return
    signal.signal(signal.SIGINT, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    clock, _ = next(_here(), (None, 0))
    if clock is None or isinstance(clock.fatal, KeyboardInterrupt):
        signal.default_int_handler(number, frame)
    clock.fatal = None  # whatever else was about to end the run: this comes first
    clock.fail(KeyboardInterrupt())
