"""Virtual time, and the coroutine runtime that lives in it.

The heap holds what is still to happen: ``(microseconds, sequence, function, argument)``. Running means to take
the first entry, set the clock to its time, and call the function. Nothing here reads a wall clock, so the same
entries give the same run. Node code is coroutines; this file drives them itself, without asyncio, in the
calling thread: that works inside Jupyter's own event loop, can stop between two cells, and shows a plain traceback.

Short names: ``us`` is a time in whole microseconds (virtual milliseconds are rounded to 0.001).
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import Any

from splitbrain.errors import Misuse, RunsForever
from splitbrain.futures import Future, Task

_LAST = 1 << 62  # added to a sequence number: after everything else of its time
_CHUNK = 10_000  # events between two looks at whether the run still gets anywhere
_MOST = 500_000  # messages and timers that may wait at once: more is a storm, and takes the machine's memory
_LITTER = 1_000  # errors, each with a traceback that may be part of a cycle, before the collector has its turn


class _Lane:
    """Every pending timeout of one length. They end in the order they began, so a queue replaces the heap: only
    one entry stands there, not later than the first of the queue, and calls that were answered in time leave early.
    """

    __slots__ = ("clock", "queue", "armed")

    def __init__(self, clock: Clock):
        self.clock = clock
        self.queue: deque[tuple[int, int, Future, tuple]] = deque()
        self.armed = False

    def fire(self, _: Any) -> bool:
        """Reject the first future if its time has come; True if there was none."""
        queue, clock = self.queue, self.clock
        while queue and queue[0][2].done:
            queue.popleft()
        expired = queue.popleft() if queue and queue[0][:2] <= (clock.us, clock.serial) else None
        self.armed = bool(queue)
        if queue:
            heappush(clock.heap, (queue[0][0], queue[0][1], self.fire, None))
        if expired is None:
            return True
        _, _, future, error = expired
        process = error[0]
        if process.frozen is None:
            return clock.give_up((future, error))
        process.frozen.append((clock.give_up, (future, error)))
        return False


class Clock:
    """Virtual time. `now` in milliseconds, `us` in microseconds.

    `happened` counts what had its turn, and what was done by hand in between; it is up to date whenever nothing runs.
    While a step runs, `owner`, `cause`, `message`, `depth` and `task` say on whose behalf; `label` is set where node
    code runs that is no handler.
    """

    def __init__(self, *, max_events: int = 5_000_000):
        self.us = 0
        self.serial = 0
        self.heap: list[tuple[int, int, Callable, Any]] = []
        self.sequence = 0
        self.max_events = max_events
        self.owner = self.cause = self.message = self.task = self.label = None
        self.depth = 0
        self.errors = self.entered = self.happened = 0
        self.running = self.stopping = self.guarded = False
        self.fatal: BaseException | None = None
        self._lanes: dict[int, _Lane] = {}

    @property
    def now(self) -> float:
        return self.us / 1000

    def call_at(self, us: int, function: Callable, argument: Any = None, *, ahead: bool = False) -> None:
        """Call ``function(argument)`` at a time; equal times keep the order of these calls, but for one `ahead`."""
        self.sequence += 1
        heappush(self.heap, (us, self.sequence - _LAST if ahead else self.sequence, function, argument))

    def take_back(self, entry: tuple) -> None:
        """Let an entry of the heap not happen."""
        self.heap.remove(entry)
        heapify(self.heap)

    def sleep(self, us: int) -> Future:
        """A future that resolves after so long."""
        future = Future()
        self.call_at(self.us + us, future.resolve)
        return future

    def expire(self, future: Future, us: int, error: tuple) -> None:
        """Reject a future after so long, unless it has ended by then.

        `error` begins with the process that waits and a function which makes the error of this whole tuple.
        """
        lane = self._lanes.get(us)
        if lane is None:
            lane = self._lanes[us] = _Lane(self)
        self.sequence += 1
        deadline, queue = self.us + us, lane.queue
        if not lane.armed:
            lane.armed = True
            heappush(self.heap, (deadline, self.sequence, lane.fire, None))
        while queue and queue[0][2].done:
            queue.popleft()
        queue.append((deadline, self.sequence, future, error))

    def give_up(self, pair: tuple[Future, tuple]) -> bool:
        """Reject a future whose time is over; True if that concerns nobody any more."""
        future, error = pair
        if future.done or not error[0].alive:
            return True
        self.errors += 1
        future.reject(error[1](error))
        return False

    def fail(self, error: BaseException) -> BaseException:
        """Stop the run with this error after the present event, even if node code swallows it."""
        if self.fatal is None:
            self.fatal = error
        self.stopping = True
        return error

    def stop(self, _: Any = None) -> None:
        """Stop after the present event."""
        self.stopping = True

    def run(self, until: int) -> None:
        """Let everything happen up to and including a time, or until `stop`.

        Raises
        ------
        Misuse
            If it is running already.
        RunsForever
            If time stands still for too many events, or there are more than `max_events`.
        """
        self.sequence += 1
        end = (until, _LAST + self.sequence, self.stop, None)  # cheaper than to look at the time before every event
        heappush(self.heap, end)
        try:
            self._loop()
        finally:
            if self.serial != end[1]:  # stopped before its end
                self.take_back(end)
            else:
                self.happened -= 1
        self.check()

    def run_while(self, going_on: Callable[[], bool], until: int) -> None:
        """Let one thing after the other happen while `going_on()`, up to and including a time.

        Raises as `run` does.
        """
        self._enter()
        before, events = self.us, 0
        try:
            while not self.stopping and going_on() and self._one(until):
                events += 1
                if events % _CHUNK == 0:
                    self._still_gets_anywhere(before, events)
                    before = self.us
        finally:
            self.running = False
        self.check()

    def step(self) -> bool:
        """Let one thing happen; False when nothing is left."""
        self._enter()
        try:
            happened = self._one(None)
        finally:
            self.running = False
        self.check()
        return happened

    def _one(self, until: int | None) -> bool:
        """The next event that is one: entries that concern nobody any more are passed over."""
        heap = self.heap
        while heap and (until is None or heap[0][0] <= until):
            before = self.us
            self.us, self.serial, function, argument = heappop(heap)
            self.happened += 1
            if not function(argument):
                return True
            self.us = before
        return False

    def advance(self, happened: int, us: int) -> None:
        """Let things happen until `happened` have, counted from the start, and be at a time: how a run that was driven
        by hand, with steps and stops, is driven again.
        """
        self._enter()
        try:
            while self.heap and (self.happened < happened or self.heap[0][0] < us) and not self.stopping:
                before = self.us
                self.us, self.serial, function, argument = heappop(self.heap)
                self.happened += 1
                if function(argument):  # it concerns nobody any more, so no time has passed
                    self.us = before
            self.us = max(us, self.us)
        finally:
            self.running = False
        self.check()

    def refuse_if_running(self) -> None:
        if self.running:
            raise Misuse("the simulation is running already: node code and callbacks cannot run it again; "
                         "in node code use await self.sleep(ms), call or gather")

    def _enter(self) -> None:
        self.refuse_if_running()
        self.running, self.stopping = True, self.fatal is not None

    def _loop(self) -> None:
        self._enter()
        heap = self.heap
        events, n = 0, -1
        try:
            while not self.stopping:
                before = self.us
                for n in range(_CHUNK):  # noqa: B007 (how far it came is asked below)
                    self.us, self.serial, function, argument = heappop(heap)
                    function(argument)
                    if self.stopping:
                        break
                else:
                    events, n = events + n + 1, -1
                    self._still_gets_anywhere(before, events)
        finally:
            self.running = False
            self.happened += events + n + 1

    def _still_gets_anywhere(self, before: int, events: int) -> None:
        if self.us == before:
            stuck = [entry for entry in self.heap if entry[0] == self.us]
            self.fail(RunsForever(f"time stands still at {self.now} ms: {_CHUNK:,} events without a microsecond "
                                  f"between them. {_busiest(stuck)}"))
        elif events >= self.max_events:
            self.fail(RunsForever(f"more than {self.max_events:,} events in one run, at {self.now} ms. "
                                  f"{_busiest(self.heap)} If that is meant, give the cluster a larger max_events"))
        elif len(self.heap) > _MOST:
            self.fail(RunsForever(f"a storm: more than {_MOST:,} messages and timers wait at {self.now} ms, and each "
                                  f"brings more. {_busiest(self.heap)}"))
        elif self.errors > _LITTER:
            self.errors = 0
            gc.collect(0)

    def check(self) -> None:
        """Raise the error that stopped the run, if one did."""
        if self.fatal is not None:
            error, self.fatal = self.fatal, None
            raise error


def _busiest(heap: list[tuple]) -> str:
    """Who has most still to happen: the sentence that names the culprit of a storm."""
    counts: dict[str, int] = {}
    for _, _, function, argument in heap:
        label = _describe(getattr(function, "__self__", None), argument)
        if label:
            counts[label] = counts.get(label, 0) + 1
    if not counts:
        return "Nothing else is waiting."
    label, count = max(counts.items(), key=lambda item: (item[1], item[0]))
    return f"Most of what waits ({count:,} of {len(heap):,}) is {label}."


def _describe(source: Any, argument: Any) -> str | None:
    """What an entry of the heap is: messages, or whose wait is over."""
    if hasattr(source, "describe"):
        return source.describe(argument)
    while isinstance(source, Future) and not isinstance(source, Task):
        source = source.waiter
    return f"{source.owner.name}.{source.label}, which goes on" if isinstance(source, Task) else None
