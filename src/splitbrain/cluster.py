"""Wires clock, network, nodes and clients together, and is where faults are injected by hand.

>>> from splitbrain import Cluster, Node, rpc
>>> class Echo(Node):
...     @rpc
...     async def say(self, text):
...         return f"{self.name}: {text}"
>>> Cluster(Echo, nodes=2, seed=7).client("n2").say("hello")
'n2: hello'

Everything happens in the thread that calls `run`, and only while it does. Between two calls the cluster stands
still, and can be looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from marshal import dumps, loads
from pathlib import Path
from typing import Any

from splitbrain.client import Client, Pending, history_of
from splitbrain.clock import Clock
from splitbrain.errors import Misuse
from splitbrain.faults import At
from splitbrain.futures import later
from splitbrain.guard import guarded
from splitbrain.injection import Injection
from splitbrain.latency import Distribution, mix, name_salt, uniform
from splitbrain.layout import Classes, read_classes, read_links
from splitbrain.network import Endpoint, Network
from splitbrain.node import Node
from splitbrain.plain import is_plain
from splitbrain.pool import Pool
from splitbrain.records import History, Journal, Ledger, Message, Window
from splitbrain.storage import Storage, new_file
from splitbrain.watchdog import Stuck


class Cluster(Injection):
    """Nodes, links and clients, in virtual time.

    Parameters
    ----------
    node : type
        The `Node` subclass that every node runs.
    nodes : int, list of str, or dict of str to type
        How many (named n1, n2, ...), or their names, or names with a class each (`node` may then be left out).
    seed : int
        What all randomness follows from: the same seed, the same run.
    latency : Distribution
        Of every link, in milliseconds.
    links : iterable of pairs, or a networkx graph
        Who is joined to whom. Default: everyone to everyone.
    storage : "memory", a folder, or a Pool
        Where the databases live; a folder gets one file a node and must hold none of those names yet.
    journal : bool
        Whether to write down every event. Without it runs are faster and there are no pictures.
    timeout : float
        Milliseconds that clients wait for an answer.
    in_order : bool
        Whether links keep the order of their messages, as TCP does.
    max_events : int
        A run of more than this many events is stopped with an error.
    """

    def __init__(self, node: type[Node] | None = None, nodes: int | Iterable[str] | Mapping[str, type[Node]] = 3, *,
                 seed: int = 0, latency: Distribution | None = None, links: Any = None, storage: Any = "memory",
                 journal: bool = True, timeout: float = 1000, in_order: bool = False, max_events: int = 5_000_000):
        self._classes = read_classes(node, nodes)
        self.names = list(self._classes)
        self.links = read_links(self.names, links)
        self._arguments = {"nodes": Classes(self._classes), "seed": seed, "latency": latency,
                           "links": None if links is None else list(self.links),
                           "storage": "memory" if isinstance(storage, Pool) else storage,
                           "journal": journal, "timeout": timeout, "in_order": in_order, "max_events": max_events}
        if not isinstance(seed, int):
            raise Misuse(f"a seed is a whole number, not {seed!r}")
        if latency is not None and not isinstance(latency, Distribution):
            raise Misuse(f"latency wants a distribution such as uniform(1, 5), not {latency!r}")
        self.seed = seed
        self.timeout = timeout
        self.schedule: list[At] = []
        self.places: list[int | None] = []  # of each fault in the schedule: see `place`
        self.origin: Any = None  # the experiment of which this is a run
        self.watchers: list[Callable[[], None]] = []
        self.clock = Clock(max_events=max_events)
        self.journal = Journal()
        self.network = Network(self.clock, seed=seed, latency=latency or uniform(1, 5), in_order=in_order,
                               raw=self.journal.raw if journal else None)
        self.clients: dict[str, Client] = {}
        self._storages: dict[str, Storage] = {}
        self._lives = dict.fromkeys(self.names, 0)
        self._shown: dict[str, dict] = {}
        self._skews: dict[str, dict[str, float]] = {}
        self._crash_plans: dict[str, dict[int, tuple[str, float | None]]] = {}
        self._reviving = self._ticks = 0  # crashed nodes whose restart is planned; how often clients saw something
        self._wanted: Pending | None = None
        self._closed = False
        for name in self.names:
            self.network.add(Endpoint(name))
        self.network.join(None if links is None else self.links)
        try:
            for name in self.names:
                self._storages[name] = self._make_storage(name, storage)
            with guarded(self.clock):
                for name in self.names:
                    self._start(name)
        except BaseException:
            self.close()
            raise

    def _make_storage(self, name: str, where: str | Path | Pool) -> Storage:
        endpoint, clock = self.network.endpoints[name], self.clock

        def point() -> None:
            endpoint.points += 1
            if endpoint.points == endpoint.crash_at:
                endpoint.die()

        hooks = {"active": lambda: clock.owner is not None and clock.owner is endpoint.process,
                 "point": point, "committed": lambda forced: self._committed(name, forced)}
        if isinstance(where, Pool):
            return where.storage(name, **hooks)
        return Storage(None if where == "memory" else new_file(where, name), **hooks)

    # Looking.

    def __getitem__(self, name: str) -> Node:
        """The live node object."""
        self._known(name)
        node = self.network.endpoints[name].process
        if node is None:
            raise Misuse(f"{name} has crashed: cluster.restart({name!r}) starts it again")
        return node

    def __repr__(self) -> str:
        kinds = ", ".join(dict.fromkeys(c.__name__ for c in self._classes.values()))
        return f"Cluster({kinds}: {' '.join(self.names)}; at {self.now:g} ms)"

    @property
    def now(self) -> float:
        """Virtual milliseconds."""
        return self.clock.now

    def state(self, name: str) -> str:
        """``up``, ``crashed`` or ``paused``."""
        return self._known(name).state

    def values(self, name: str) -> dict:
        """What a node's database shows, by its `Node.values`; what it showed last if it has crashed."""
        process = self._known(name).process
        return self._shown.get(name, {}) if process is None else self._look(process)

    def is_cut(self, a: str, b: str) -> bool:
        """Whether messages from a to b are cut off."""
        return self.network.is_cut(self._endpoint(a), self._endpoint(b))

    def in_flight(self) -> list[tuple[Message, float, float]]:
        """``(message, sent, arrives)`` in milliseconds, in the order of arrival."""
        return self.network.in_flight()

    @property
    def arguments(self) -> dict[str, Any]:
        """What it was made with: ``Cluster(**cluster.arguments)`` is another one like it."""
        return dict(self._arguments)

    def windows(self) -> list[Window]:
        """When which fault was active."""
        return self.journal.windows()

    @property
    def history(self) -> History:
        """What the clients asked and were told."""
        return history_of(list(self.clients.values()))

    @property
    def ledger(self) -> Ledger:
        """What it has cost so far."""
        storages = self._storages.values()
        delays = [p.delays for c in self.clients.values() for p in c.operations]
        return Ledger(self.network.sent, self.network.bytes, max(delays, default=0),
                      sum(s.transactions for s in storages), sum(s.forced_writes for s in storages))

    # Acting.

    def client(self, node: str, name: str | None = None) -> Client:
        """The client beside a node: c1 beside n1. Give a name to have more than one."""
        self._known(node)
        if name is None:
            name = f"c{node[1:]}" if node[:1] == "n" and node[1:].isdigit() else f"client-{node}"
        client = self.clients.get(name)
        if client is None:
            if name in self.names:
                raise Misuse(f"{name!r} is a node; give the client another name")
            endpoint = Endpoint(name, home=node)
            self.network.add(endpoint)
            endpoint.targets = {other: self.network.endpoints[other] for other in self.names}
            self.network.welcome(endpoint)
            client = self.clients[name] = Client(self, self.network, endpoint, node, self.timeout)
            endpoint.side = self.network.endpoints[node].side
        if client.node != node:
            raise Misuse(f"client {name!r} stands beside {client.node}; give the one beside {node} another name")
        return client

    def run(self, ms: float) -> Cluster:
        """Let so many virtual milliseconds pass."""
        end = self.clock.us + _us(ms, "run's time")
        self._drive(lambda: self.clock.run(end))
        return self

    def step(self) -> bool:
        """Let one thing happen; False when nothing is left."""
        happened = []
        self._drive(lambda: happened.append(self.clock.step()))
        return happened[0]

    def run_until_quiet(self, limit: float = 10_000) -> Cluster:
        """Run until no message is on its way and no task waits; repeating timers do not count.

        Stops after `limit` milliseconds in any case.
        """
        end = self.clock.us + _us(limit, "limit")
        self._drive(lambda: self.clock.run_while(lambda: not self.is_quiet(), end))
        return self

    def is_quiet(self) -> bool:
        """Whether nothing is under way."""
        return not (self.network.flying or self._reviving or any(c.unfinished() for c in self.clients.values())
                    or any(not t.repeating for e in self.network.endpoints.values() if e.process is not None
                           for t in e.process.tasks))

    def finish(self, pending: Pending) -> Any:
        """Run until an operation has ended; its result, or the error that it ended in."""
        self._wanted = pending
        try:
            while not pending.done:
                self._drive(lambda: self.clock.run(self.clock.us + 3_600_000_000))
        finally:
            self._wanted = None
        if pending.failure is not None:
            raise pending.failure
        return pending.result

    def fresh(self, **changes: Any) -> Cluster:
        """A new cluster made with the same arguments, on which nothing has run; `changes` replace some."""
        arguments = self._arguments | changes
        if arguments["storage"] != "memory" and "storage" not in changes:
            raise Misuse("a cluster on files cannot be made again in the same folder: fresh(storage=another)")
        return type(self)(**arguments)

    def reset(self) -> Cluster:
        """Begin again, in place: empty databases, nothing has run, and who watches goes on watching."""
        if self._arguments["storage"] != "memory":
            raise Misuse("a cluster on files cannot begin again in the same folder: fresh(storage=another)")
        watchers, self.watchers = self.watchers, []
        self.close()
        self._closed = False
        self.__init__(**self._arguments)
        self.watchers = watchers
        self._changed()
        return self

    def close(self, *, keep: bool = True) -> None:
        """Close the databases. A closed cluster cannot be run, but (with `keep`, which takes time) be looked at."""
        self.clock.refuse_if_running()
        if self._closed:
            return
        self._closed = True
        with guarded(self.clock):
            for name, storage in self._storages.items():
                endpoint = self.network.endpoints[name]
                if endpoint.process is not None:
                    with suppress(Exception):
                        self._shown[name] = self.values(name) if keep else {}
                    self._end(endpoint, "closed")
                storage.close()
            self.clock.heap.clear()
            self._changed()

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    # What the parts call.

    def tick(self) -> int:
        """The next position in the order of what clients see."""
        self._ticks += 1
        return self._ticks - 1

    def completed(self, pending: Pending) -> None:
        """A client has been told."""
        if pending is self._wanted:
            self.clock.stop()

    def _drive(self, run: Callable[[], None]) -> None:
        if self._closed:
            raise Misuse("this cluster is closed: cluster.fresh() makes a new one like it")
        self.clock.refuse_if_running()
        try:
            with guarded(self.clock):
                run()
        finally:
            self._changed()

    def _changed(self) -> None:
        clock = self.clock
        owner, clock.owner = clock.owner, None  # who watches is not node code, whatever is running
        try:
            for watcher in list(self.watchers):
                watcher()
        finally:
            clock.owner = owner

    @contextmanager
    def _inside(self, node: Node, label: str) -> Iterator[None]:
        """Run code of a node that is no step of a task: watched, and called by its name in errors."""
        clock = self.clock
        before = clock.owner, clock.cause, clock.task, clock.message, clock.depth, clock.label
        clock.owner, clock.cause, clock.task, clock.message, clock.depth = node, node._idle, None, None, 0
        clock.label = label
        clock.entered += 1
        try:
            with nullcontext() if clock.running or clock.guarded else guarded(clock), suppress(Stuck):
                yield
        finally:
            clock.owner, clock.cause, clock.task, clock.message, clock.depth, clock.label = before
        if not clock.running:
            clock.check()

    def _look(self, node: Node) -> dict:
        """What a node shows: a copy, for its own may change."""
        storage = self._storages[node.name]
        values, muted = {}, storage.muted
        storage.muted = True
        try:
            with self._inside(node, "values"):
                values = node.values()
        finally:
            storage.muted = muted
        if values.__class__ is not dict or not is_plain(values):
            raise Misuse(f"{node.name}.values must return a dict of plain values, for pictures and the panel to show")
        return loads(dumps(values, 2))

    def _committed(self, name: str, forced: bool) -> None:
        network = self.network
        if network.raw is None:
            return
        network.note("commit", name, {"forced": bool(forced)})
        self._show(name)

    def _show(self, name: str) -> None:
        """Put down what a node shows, if it has changed: by a commit, or by a crash that took some."""
        try:
            values = self.values(name)
        except Exception as error:  # not into the handler, which would do otherwise were there no journal
            values = {"raises": str(error) if isinstance(error, Misuse) else type(error).__name__}
        if values != self._shown.get(name, {}):
            self._shown[name] = values
            self.network.note("values", name, {"values": values})

    def _start(self, name: str) -> None:
        """Begin an incarnation: on an empty database with `setup`, on any with `start`."""
        endpoint, storage = self.network.endpoints[name], self._storages[name]
        fresh, kind = storage.fresh, self._classes[name]
        node = kind.__new__(kind)
        self._lives[name] += 1
        node._begin(self.network, endpoint, storage, mix(self.seed, name_salt(name), self._lives[name]))
        if name in self._skews:
            node._set(**self._skews[name])
        with self._inside(node, "__init__"):
            node.__init__()
        if fresh and kind.setup is not Node.setup:
            with self._inside(node, "setup"):
                node.setup()
            if node.connection.in_transaction:
                raise Misuse(f"{name}.setup left a transaction open: use 'with self.transaction():', which ends it")
        endpoint.process = node
        endpoint.paused = False
        endpoint.die = lambda: self._die(name)
        endpoint.refresh()
        if self.network.raw is not None:
            self._show(name)
        if kind.start is not Node.start:
            node._spawn(later(node.start), "start", node._new_cause("start"), ahead=True)

    def _known(self, name: str) -> Endpoint:
        if name not in self._classes:
            raise Misuse(f"there is no node {name!r}; there are {', '.join(self.names)}")
        return self.network.endpoints[name]


def _us(ms: float, what: str) -> int:
    if not isinstance(ms, int | float) or not 0 <= ms < 1e12:
        raise Misuse(f"{what} is a number of milliseconds, 0 or more, not {ms!r}")
    return round(ms * 1000)
