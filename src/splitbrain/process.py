"""Whatever sends and receives in the simulation: the part that nodes and clients have in common."""

from __future__ import annotations

from marshal import dumps, loads
from typing import Any

from splitbrain.errors import Crash, Misuse, Refused, RpcError, RpcTimeout
from splitbrain.futures import Future, Task
from splitbrain.network import Cause, Endpoint, Network
from splitbrain.plain import explain_body, is_plain

_SCALARS = frozenset((int, str, float, bool, type(None), bytes))


class _NoConnection:
    """Stands where a process has no database."""

    in_transaction = False


class _Lost:
    """Stands where the database of a process that has crashed was: it holds nothing of its own any more."""

    in_transaction = False

    def __getattr__(self, name: str) -> Any:
        raise Crash("this node has crashed; its database is not its own any more")


class Fenced(dict):
    """The targets of a process that has crashed: there are none, and whoever asks is dead."""

    def __missing__(self, key: str):
        raise Crash("this node has crashed; it sends nothing any more")


def _no_answer(call: tuple) -> RpcTimeout:
    process, _, id, target, method, ms = call
    process.waiting.pop(id, None)
    return RpcTimeout(f"{target}.{method}: no answer within {ms:g} ms; nobody knows whether it happened")


class Process:
    """Sends requests, takes answers.

    Attributes
    ----------
    name : str
    tasks : dict of Task to None
        Those that wait for something, in the order of their birth.
    waiting : dict of int to Future
        Calls without an answer yet, by the id of their request.
    frozen : list or None
        While paused: what has come due since.
    alive : bool
        False once it has crashed.
    """

    connection: Any = _NoConnection
    frozen: list | None = None
    alive = True
    clock_offset_us = 0
    clock_rate = 1.0

    def _join(self, network: Network, endpoint: Endpoint, salt: int) -> None:
        self.network = network
        self.endpoint = endpoint
        self.name = endpoint.name
        self.salt = salt
        self.tasks: dict[Task, None] = {}
        self.waiting: dict[int, Future] = {}
        self.alive, self.frozen = True, None  # on the object too: found faster there
        self._waits: dict[float, int] = {}
        self._targets = endpoint.targets
        self._idle = Cause(f"{self.name}~", salt)

    def _set(self, **fields: Any) -> None:
        """Set fields that node code may not set. (Past ``__dict__``: once it is asked for, every look-up is slower.)"""
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    def _die(self) -> None:
        """From here on every attempt to act raises `Crash`."""
        self._set(alive=False, frozen=None, _targets=Fenced(), connection=_Lost())

    def call(self, target: str, method: str, *args: Any, timeout: float = 1000) -> Future:
        """Send a request now; awaiting what this returns gives the answer.

        Parameters
        ----------
        target : str
            A node's name.
        method : str
            An `@rpc` method of it.
        *args
            Plain data: None, bool, int, float, str, bytes, and lists, tuples and dicts of these.
        timeout : float
            Milliseconds to wait for the answer.

        Raises
        ------
        Refused
            When awaited: it did not happen.
        RpcTimeout, RpcError
            When awaited: nobody knows whether it happened.
        """
        network, endpoint = self.network, self.endpoint
        clock = network.clock
        try:
            to = self._targets[target]
        except KeyError:
            raise clock.fail(self._no_link(target)) from None
        for argument in args:
            if argument.__class__ not in _SCALARS:
                self._check(argument, method, target)
        endpoint.points += 1
        if endpoint.points == endpoint.crash_at:
            endpoint.die()
        future = Future()
        body = dumps(args, 2)
        if clock.owner is None:
            id = network.transmit("request", endpoint, to, method, body, self._idle, None, 1)
        else:
            id = network.transmit("request", endpoint, to, method, body, clock.cause, None, clock.depth + 1)
        self.waiting[id] = future
        us = self._waits.get(timeout) or self._us(timeout)
        clock.expire(future, us, (self, _no_answer, id, target, method, timeout))
        return future

    def send(self, target: str, method: str, *args: Any) -> None:
        """Send a message that nobody waits for; it may be lost without anyone being told."""
        clock = self.network.clock
        to = self._target(target)
        for argument in args:
            self._check(argument, method, target)
        self._point()
        cause, depth = (self._idle, 0) if clock.owner is None else (clock.cause, clock.depth)
        self.network.transmit("send", self.endpoint, to, method, dumps(args, 2), cause, None, depth + 1)

    def receive(self, message: tuple) -> None:
        """Take a message that has arrived and is no response: here, the error that answers a call."""
        future = self.waiting.pop(message[7], None)
        if message[1] != "error" or future is None:
            return
        future.depth = message[8]
        kind, text = loads(message[5])
        error = Refused(text) if kind == "refused" else RpcError(text)
        error.remote = True
        future.reject(error)

    def _reply(self, message: tuple, kind: str, value: Any) -> None:
        """Answer a request, over the link back to whoever sent it."""
        network, endpoint = self.network, self.endpoint
        if value.__class__ not in _SCALARS and not is_plain(value):
            network.clock.fail(Misuse(explain_body(value, f"{self.name}.{message[4]} returns")))
            return
        endpoint.points += 1
        if endpoint.points == endpoint.crash_at:
            endpoint.die()
        network.transmit(kind, endpoint, message[9], message[4], dumps(value, 2), message[6], message[0],
                         network.clock.depth + 1)

    def _check(self, argument: Any, method: str, target: str) -> None:
        if argument.__class__ not in _SCALARS and not is_plain(argument):
            where = f"{self.name} calls {method} of {target}"
            raise self.network.clock.fail(Misuse(explain_body(argument, where)))

    def _target(self, target: str) -> Endpoint:
        try:
            return self._targets[target]
        except KeyError:
            raise self.network.clock.fail(self._no_link(target)) from None

    def _point(self) -> None:
        """A crash point: the node may be made to die exactly here."""
        endpoint = self.endpoint
        endpoint.points += 1
        if endpoint.points == endpoint.crash_at:
            endpoint.die()

    def _no_link(self, target: str) -> Misuse:
        known = ", ".join(name for name in self._targets if name != self.name)
        if target in self.network.endpoints:
            return Misuse(f"{self.name} has no link to {target!r}; it is joined to {known or 'nobody'}")
        return Misuse(f"{self.name} knows no {target!r}; it is joined to {known or 'nobody'}")

    def _us(self, ms: float) -> int:
        """Microseconds of true time for a wait that the process measures with its own clock."""
        if not isinstance(ms, int | float) or not 0 <= ms < 1e12:
            raise self.network.clock.fail(
                Misuse(f"{self.name}: a time is a number of milliseconds, 0 or more, not {ms!r}"))
        if len(self._waits) > 100:
            self._waits.clear()
        self._waits[ms] = us = round(ms * 1000 / self.clock_rate)
        return us

    def ended(self, task: Task) -> None:
        """A task of this process has ended."""

    def cannot_wait(self, awaited: Any, label: str) -> Misuse:
        """The error for an await that cannot be."""
        if self.connection.in_transaction:
            return Misuse(f"{self.name}.{label} awaits inside a transaction: while it waits, another handler would "
                          "write into it. Gather what you need first, then open the transaction, and await after it")
        what = "asyncio.sleep" if awaited is None else f"{type(awaited).__module__}.{type(awaited).__qualname__}"
        return Misuse(f"{self.name}.{label} awaits {what}, which knows nothing of virtual time. "
                      "Await self.sleep, self.call, self.gather or a task of self.create_task instead")
