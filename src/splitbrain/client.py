"""Clients: who asks for operations, and the history of what they were told."""

from __future__ import annotations

from collections import deque
from marshal import dumps, loads
from typing import Any

from splitbrain.errors import Misuse, Refused
from splitbrain.futures import Future
from splitbrain.latency import mix, name_salt
from splitbrain.network import Cause, Endpoint, Network
from splitbrain.plain import explain_body, is_plain
from splitbrain.process import Process
from splitbrain.records import FAIL, OK, UNKNOWN, History, Operation


class Pending:
    """An operation that a client has asked for, or waits to ask for."""

    def __init__(self, f: str, args: tuple, *, salt: int | None, key: Any, value: Any):
        self.f, self.args, self.salt, self.key, self.value = f, args, salt, key, value
        self.status, self.result, self.error = UNKNOWN, None, ""
        self.invoked = self.returned = 0.0
        self.start: int = 0
        self.end: int | None = None
        self.delays = 0
        self.done = False
        self.failure: BaseException | None = None
        self.id = ""
        self.asked, self.place = 0.0, None  # when it was asked for, and where in the order of all that happens

    def __repr__(self) -> str:
        return f"<{self.id or 'waiting'} {self.f}{self.args!r}: {self.status if self.done else 'running'}>"


class Client(Process):
    """Asks one node for one thing at a time.

    Its methods are the handlers of that node: ``client.put("x", 1)`` runs the simulation until the answer is
    there, and returns it or raises `Refused`, `RpcError` or `RpcTimeout`. ``client.start("put", "x", 1)`` asks and
    returns at once; what is asked while an answer is awaited waits its turn.
    """

    def __init__(self, cluster: Any, network: Network, endpoint: Endpoint, node: str, timeout: float):
        self._join(network, endpoint, mix(network.seed, name_salt(endpoint.name)))
        endpoint.process = self
        endpoint.refresh()
        self.node = node
        self.timeout = timeout
        self.operations: list[Pending] = []
        self._cluster = cluster
        self._queue: deque[Pending] = deque()
        self._current: tuple[Pending, Future] | None = None

    def __getattr__(self, f: str) -> Any:
        if f.startswith("_"):
            raise AttributeError(f)

        def ask(*args: Any, **named: Any) -> Any:
            if named:
                values = ", ".join(map(repr, [*args, *named.values()]))
                raise Misuse(f"{self.name}.{f}: a message carries values without names: {f}({values})")
            self.network.clock.refuse_if_running()
            return self._cluster.finish(self._begin(f, args))

        return ask

    def __repr__(self) -> str:
        return f"<client {self.name} of {self.node}>"

    @property
    def busy(self) -> bool:
        return self._current is not None

    def start(self, f: str, *args: Any) -> Pending:
        """Ask, and return at once; the answer comes while the cluster runs."""
        pending = self._begin(f, args)
        self._cluster._changed()
        return pending

    def _begin(self, f: str, args: tuple) -> Pending:
        key = args[0] if args else None
        rest = args[1:]
        pending = Pending(f, args, salt=None, key=key, value=rest[0] if len(rest) == 1 else rest or None)
        return self.submit(pending)

    def submit(self, pending: Pending) -> Pending:
        """Ask for an operation, or put it into the queue behind the one that is waited for."""
        if self._cluster.clients.get(self.name) is not self:
            raise Misuse(f"{self.name} is a client of what the cluster was before its reset; cluster.client("
                         f"{self.node!r}) gives the present one")
        for argument in pending.args:
            if not is_plain(argument):
                raise Misuse(explain_body(argument, f"{self.name} asks {pending.f} of {self.node}"))
        asked = pending.args, pending.key, pending.value
        pending.args, pending.key, pending.value = loads(dumps(asked, 2))  # what the caller changes later is no news
        pending.asked, pending.place = self.network.clock.now, self._cluster.place()
        self._queue.append(pending)
        if self._current is None:
            self._ask()
        return pending

    def _ask(self) -> None:
        pending = self._queue.popleft()
        number = len(self.operations)
        self.operations.append(pending)
        pending.id = f"{self.name}#{number}"
        salt = mix(self.salt, number) if pending.salt is None else mix(self.network.seed, pending.salt)
        clock = self.network.clock
        pending.invoked, pending.start = clock.now, self._cluster.tick()
        self.network.note("invoke", self.name, {"operation": pending.id, "f": pending.f, "key": pending.key,
                                                "value": pending.value, "node": self.node})
        before = clock.owner, clock.cause, clock.depth
        clock.owner, clock.cause, clock.depth = self, Cause(pending.id, salt), 0
        try:
            future = self.call(self.node, pending.f, *pending.args, timeout=self.timeout)
        finally:
            clock.owner, clock.cause, clock.depth = before
        future.waiter = self
        self._current = pending, future

    def step(self, future: Future) -> None:
        """The answer is here, or the time is over."""
        pending = self._current[0]
        self._current = None
        error = future.error
        pending.returned, pending.delays = self.network.clock.now, future.depth
        if error is None:
            pending.status, pending.result = OK, future.value
        else:
            pending.status = FAIL if isinstance(error, Refused) else UNKNOWN
            pending.failure, pending.error = error, str(error)
        position = self._cluster.tick()
        pending.end = None if pending.status == UNKNOWN else position
        pending.done = True
        self.network.note("complete", self.name, {"operation": pending.id, "status": pending.status,
                                                  "result": pending.result, "error": pending.error,
                                                  "delays": pending.delays})
        self._cluster.completed(pending)
        if self._queue:
            self.network.clock.call_at(self.network.clock.us, self._next)

    def _next(self, _: Any) -> None:
        if self._queue and self._current is None:
            self._ask()

    def asked(self) -> list[Pending]:
        """All that it was ever asked for, what waits its turn too."""
        return [*self.operations, *self._queue]

    def unfinished(self) -> bool:
        """Whether an answer is still awaited, or something has yet to be asked."""
        return self._current is not None or bool(self._queue)


def history_of(clients: list[Client]) -> History:
    """What all clients asked and were told, in the order of invocation."""
    asked = sorted(((p.start, client, p) for client in clients for p in client.operations), key=lambda x: x[0])
    return History(
        Operation(process=client.name, f=p.f, key=p.key, value=p.value, result=p.result, status=p.status,
                  invoked=p.invoked, returned=p.returned if p.done else None, start=p.start, end=p.end, index=i,
                  node=client.node, error=p.error, delays=p.delays)
        for i, (_, client, p) in enumerate(asked))


