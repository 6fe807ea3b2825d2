"""What a learner subclasses: handlers opted in with `@rpc`, messages, timers, and a SQLite database of its own.

    class Counter(Node):
        def setup(self):
            self.db["counter"].create({"name": str, "n": int}, pk="name")

        @rpc
        async def add(self, name, n):
            with self.transaction():
                self.db.execute("INSERT INTO counter VALUES (?, ?) ON CONFLICT DO UPDATE SET n = n + ?", (name, n, n))

A node object is one *incarnation*: it begins when the node is started and ends when it crashes. Attributes are
lost with it; the database is what remains. A crash first fences the incarnation: whatever its coroutines still
try (send, call, db, timers) raises `Crash`. Then what was open is rolled back, then the coroutines are unwound.
"""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from marshal import loads
from typing import Any

from splitbrain.errors import Crash, Misuse, Refused, RpcError
from splitbrain.futures import Future, Gather, Task, later
from splitbrain.latency import draw, mix, name_salt
from splitbrain.network import Cause, Endpoint, Network
from splitbrain.process import Process
from splitbrain.storage import Storage, Transaction
from splitbrain.waits import Deadline, Event
from splitbrain.watchdog import Stuck


def rpc(handler: Callable) -> Callable:
    """Opt a method in as a handler: other nodes and clients may call it.

    >>> class Echo(Node):
    ...     @rpc
    ...     async def say(self, text):
    ...         return text
    """
    if not inspect.iscoroutinefunction(handler):
        raise Misuse(f"@rpc {handler.__name__}: write 'async def {handler.__name__}', so that it can await")
    handler.is_rpc = True
    return handler


class Node(Process):
    """A server with a SQLite database of its own, in virtual time.

    Override `setup` (once, on an empty database), `start` (at every start: recovery) and `values` (what
    pictures show of it); add handlers with `@rpc`.

    Attributes
    ----------
    name : str
    peers : list of str
        The nodes it has links to.
    role : str
        What pictures call it: ``leader``, ``follower``, ...; yours to set.
    """

    _handlers: dict[str, Callable] = {}
    _begun = False

    def __init_subclass__(cls, **options: Any):
        super().__init_subclass__(**options)
        _check_class(cls)
        members = {name: getattr(cls, name) for name in dir(cls) if not name.startswith("__")}
        cls._handlers = {name: m for name, m in members.items() if getattr(m, "is_rpc", False)}

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _OWN and self._begun:
            raise Misuse(f"{self.name}: self.{name} = ... hides what the simulation keeps there: give it another name")
        object.__setattr__(self, name, value)

    # What a subclass overrides.

    def setup(self) -> None:
        """Make the tables. Called once, on an empty database, before anything runs."""

    async def start(self) -> None:
        """Called at every start and restart, before any message is handled: recover here."""

    def values(self) -> dict:
        """What pictures and the panel show: by default the first table, first column to second."""
        return self._first_table()

    # What node code calls.

    @property
    def db(self) -> Any:
        """The node's database, a `sqlite_utils.Database`."""
        if not self.alive:
            raise Crash("this node has crashed; its database is not its own any more")
        return self.storage.database or self.storage.as_database()

    def transaction(self, *, forced: bool = True) -> Transaction:
        """``with self.transaction():`` all of the block or nothing; forced to disk unless you say otherwise.

        To await inside is an error: another handler would write into the transaction.
        """
        self._breathe()
        return self.storage.transaction(forced=forced)

    def force(self) -> None:
        """Wait for the disk: all commits so far survive a power crash. Costs one forced write."""
        self._breathe()
        self.storage.force()

    @property
    def now(self) -> float:
        """Milliseconds on this node's own clock, which may be skewed."""
        return (self.network.clock.us * self.clock_rate + self.clock_offset_us) / 1000

    @property
    def sender(self) -> str:
        """Who sent the message that this handler was called by."""
        clock = self.network.clock
        return clock.message[2] if clock.owner is self and clock.message is not None else ""

    @property
    def operation(self) -> str:
        """On whose behalf this code runs: ``c1#3`` is client c1's fourth operation, whichever node asks for it, and the
        same for every copy of a message. Work of a node's own has names such as ``n1.start#1``.
        """
        clock = self.network.clock
        return clock.cause.id if clock.owner is self else ""

    @property
    def role(self) -> str:
        return self._role

    @role.setter
    def role(self, role: str) -> None:
        self._breathe()
        if role != self._role:
            self._role = role
            self.network.note("role", self.name, {"role": role})

    def log(self, text: str) -> None:
        """Write a note into the journal."""
        self._breathe()
        self.network.note("note", self.name, {"text": str(text)})

    def random(self) -> float:
        """A number in [0, 1) that follows from the operation at hand and how many were drawn before."""
        self._breathe()
        cause = self._idle if self.network.clock.owner is None else self.network.clock.cause
        key = self.endpoint.index  # no link has this number, so drawing here moves no message's luck
        cause.sent[key] = ordinal = cause.sent.get(key, -1) + 1
        return draw(cause.salt, self.endpoint.salt, ordinal)

    def sleep(self, ms: float) -> Future:
        """Await to let so many milliseconds pass, by this node's own clock."""
        self._breathe()
        return self.network.clock.sleep(self._us(ms))

    def gather(self, *waits: Awaitable, return_exceptions: bool = False) -> Future:
        """Await all of several calls, tasks or coroutines: their results in the order asked.

        The first error is raised, unless `return_exceptions` puts errors among the results.
        """
        children = [self._as_future(w) for w in waits]
        return Gather(self.network.clock, children, count=len(children), ordered=True, forgiving=return_exceptions)

    def first(self, count: int, *waits: Awaitable) -> Future:
        """Await the first `count` successes of several calls: their results in the order of arrival.

        Raises the error that made `count` impossible. What a quorum waits with.
        """
        children = [self._as_future(w) for w in waits]
        if not 0 <= count <= len(children):
            raise self.network.clock.fail(
                Misuse(f"{self.name}: first({count}, ...) of {len(children)} calls cannot be"))
        return Gather(self.network.clock, children, count=count, ordered=False, forgiving=False)

    def timeout(self, ms: float) -> Deadline:
        """``async with self.timeout(50):`` TimeoutError if the block takes longer."""
        self._breathe()
        return Deadline(self, ms)

    def event(self) -> Event:
        """A flag that tasks of this node can wait for, as asyncio's: ``set``, ``clear``, ``await wait()``."""
        self._breathe()
        return Event(self)

    def create_task(self, coroutine: Coroutine) -> Task:
        """Run a coroutine beside this one, in the next moment; await the task to get its result."""
        if not self.alive:
            coroutine.close()
            self._breathe()
        if not inspect.iscoroutine(coroutine):
            raise self.network.clock.fail(
                Misuse(f"{self.name}.create_task wants a coroutine, got {type(coroutine).__name__}: "
                       "call the async method"))
        clock = self.network.clock
        return self._spawn(coroutine, coroutine.__name__, self._idle if clock.owner is None else clock.cause)

    def every(self, ms: float, method: Callable) -> Task:
        """Call a method again and again, `ms` after it last ended; an async one is awaited.

        What the network does to it (`RpcError`, `RpcTimeout`, `Refused`) is noted, and it goes on.
        """
        self._breathe()
        self._us(ms)
        label = getattr(method, "__name__", "every")
        return self._spawn(later(self._repeat, ms, method, label), label, self._new_cause(label), repeating=True)

    # How the simulation drives it.

    def _begin(self, network: Network, endpoint: Endpoint, storage: Storage, salt: int) -> None:
        """Come to life on what the storage holds."""
        self._join(network, endpoint, salt)
        self._role = ""
        self._causes: dict[str, int] = {}
        self._table = ""
        self.peers = [name for name in self._targets if name != self.name]
        self.storage = storage
        self.connection = storage.open()
        self._begun = True

    def _new_cause(self, label: str) -> Cause:
        self._causes[label] = number = self._causes.get(label, 0) + 1
        return Cause(f"{self.name}.{label}#{number}", mix(self.salt, name_salt(label), number))

    def _spawn(self, coroutine: Coroutine, label: str, cause: Cause, *, repeating: bool = False,
               ahead: bool = False) -> Task:
        clock = self.network.clock
        task = Task(clock, coroutine, self, cause, label)
        task.repeating = repeating
        task.depth = clock.depth if clock.owner is self else 0
        clock.call_at(clock.us, task.step, ahead=ahead)
        return task

    async def _repeat(self, ms: float, method: Callable, label: str) -> None:
        while True:
            await self.sleep(ms)
            clock = self.network.clock
            clock.task.cause = clock.cause = self._new_cause(label)
            clock.depth = clock.task.depth = 0
            try:
                result = method()
                if inspect.isawaitable(result):
                    await result
            except _NETWORK as error:
                self._report(label, error)

    def receive(self, message: tuple) -> None:
        """Take a message that is no response: run its handler."""
        if message[1] == "error":
            return super().receive(message)
        clock = self.network.clock
        clock.owner, clock.cause, clock.message, clock.depth, clock.task = self, message[6], message, message[8], None
        coroutine = None
        try:
            coroutine = self._handlers[message[4]](self, *loads(message[5]))
            awaited = coroutine.send(None)
        except StopIteration as stop:
            if message[1] == "request" and self.alive and not self.connection.in_transaction:
                try:  # noqa: SIM105 (contextlib.suppress costs a tenth of a message here)
                    self._reply(message, "response", stop.value)
                except Crash:
                    pass  # the crash point before the answer
            else:
                self._finish(message, stop.value, None)
        except BaseException as error:
            if coroutine is None:
                error = self._cannot_call(message, error)
            self._finish(message, None, error)
            if not isinstance(error, (Exception, Crash, Stuck)):
                raise
        else:
            Task(clock, coroutine, self, message[6], message[4], message).suspend(awaited)
        finally:
            clock.owner = None
        return None

    def ended(self, task: Task) -> None:
        if task.message is not None:
            self._finish(task.message, task.value, task.error)
        elif self.alive and self.connection.in_transaction:
            self._left_open(task.label)
        elif task.error is not None and not task.awaited:
            self._report(task.label, task.error)

    def _left_open(self, label: str) -> BaseException:
        self.storage.rollback()
        return self.network.clock.fail(Misuse(f"{self.name}.{label} left a transaction open: use "
                                              "'with self.transaction():', which always ends it"))

    def _finish(self, message: tuple, value: Any, error: BaseException | None) -> None:
        """A handler has returned or raised: answer, if somebody waits."""
        if not self.alive:
            return
        try:
            if self.connection.in_transaction:
                error = self._left_open(message[4])
            if error is None:
                if message[1] == "request":
                    self._reply(message, "response", value)
            elif message[1] == "send":
                self._report(message[4], error)
            elif isinstance(error, Refused) and not error.remote:
                self._reply(message, "error", ("refused", str(error)))
            elif not isinstance(error, Crash):
                if isinstance(error, Misuse):
                    self.network.clock.fail(error)
                self._reply(message, "error", ("failed", self._explain(message[4], error)))
        except Crash:
            pass  # the crash point before the answer

    def _report(self, label: str, error: BaseException) -> None:
        """An error that nobody waits for: the network's are notes, a mistake in the code stops the run."""
        if not self.alive or isinstance(error, Crash):
            return
        text = self._explain(label, error)
        self.network.note("note", self.name, {"text": text})
        if isinstance(error, Misuse):
            self.network.clock.fail(error)
        elif not isinstance(error, _NETWORK):
            failure = RpcError(text)
            failure.__cause__ = error
            self.network.clock.fail(failure)

    def _explain(self, label: str, error: BaseException) -> str:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.name == label] or [None]
        where = f", line {frames[-1].lineno}" if frames[-1] else ""
        return f"{self.name}.{label}{where}: {type(error).__name__}: {error}"

    def _cannot_call(self, message: tuple, error: BaseException) -> BaseException:
        method = message[4]
        if method not in self._handlers:
            known = ", ".join(sorted(self._handlers)) or "none"
            hint = " (mark it with @rpc)" if hasattr(self, method) else ""
            kind = Misuse if message[1] == "send" else Refused  # a send's mistake nobody would hear of
            return kind(f"{self.name} ({type(self).__name__}) has no handler {method!r}{hint}; it has: {known}")
        wants = ", ".join(list(inspect.signature(self._handlers[method]).parameters)[1:])
        if isinstance(error, TypeError):
            kind = Misuse if message[1] == "send" else Refused
            return kind(f"{self.name}.{method} takes ({wants}), got {loads(message[5])!r}")
        return error

    def _breathe(self) -> None:
        if not self.alive:
            raise Crash("this node has crashed")

    def _as_future(self, awaitable: Any) -> Future:
        self._breathe()
        if isinstance(awaitable, Future):
            return awaitable
        if inspect.iscoroutine(awaitable):
            return self.create_task(awaitable)
        raise self.network.clock.fail(
            Misuse(f"{self.name} cannot wait for {awaitable!r}: give calls, tasks or coroutines of this node"))

    def _first_table(self) -> dict:
        run = self.connection.execute
        if not self._table:
            found = run("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
                        "ORDER BY rowid LIMIT 1").fetchone()
            if found is None:
                return {}
            self._table = found[0]
        rows = run(f'SELECT * FROM "{self._table}" ORDER BY 1 LIMIT 20').fetchall()
        return {str(row[0]): row[1] if len(row) > 1 else "" for row in rows}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


_NETWORK = (Refused, RpcError, TimeoutError)  # what the network, and not a mistake, does to node code
_OVERRIDDEN = {"setup", "start", "values"}
_OWN = frozenset({  # what the simulation keeps on a node
    "alive", "clock_offset_us", "clock_rate", "connection", "endpoint", "frozen", "name", "network", "salt", "storage",
    "tasks", "waiting", *_OVERRIDDEN})
_RESERVED = _OWN - _OVERRIDDEN | {
    "call", "create_task", "db", "ended", "every", "first", "force", "gather", "now", "operation", "peers", "receive",
    "role", "send", "sender", "sleep", "timeout", "transaction"}


def _check_class(cls: type) -> None:
    """Say what is wrong with a node's class where it is written."""
    for name, member in vars(cls).items():
        if name in _RESERVED:
            raise Misuse(f"{cls.__name__}.{name} hides Node.{name}, which the simulation needs: rename it")
        if name in ("setup", "values") and not (callable(member) and not inspect.iscoroutinefunction(member)):
            raise Misuse(f"{cls.__name__}.{name}: write 'def {name}(self)' without async; it is called between events")
        if name == "start" and not inspect.iscoroutinefunction(member):
            raise Misuse(f"{cls.__name__}.start: write 'async def start(self)', so that it can await")
        if name == "__init__":
            _, *more = inspect.signature(member).parameters.values()
            if any(p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in more):
                raise Misuse(f"{cls.__name__}.__init__ must need no arguments: the simulation makes nodes, also again "
                             "after a crash. Give each class attributes, or read what differs from self.name")
