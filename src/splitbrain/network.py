"""Links between processes: latency, loss, duplication, reordering and cuts. Every message is written down here.

A message is one tuple, made once: ``(id, kind, source, target, method, body bytes, cause, reply_to, depth, source
endpoint, target endpoint, microseconds when sent, ordinal among those of its cause on its link)``. It is what the
journal keeps of its sending, the heap carries it, and `splitbrain.records.Message` is made from it when somebody
reads. Its body is serialised where it is sent and parsed where it arrives, so processes share no object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from heapq import heappush
from marshal import loads
from typing import Any

from splitbrain.clock import Clock
from splitbrain.errors import Crash
from splitbrain.latency import (
    Constant,
    Distribution,
    Uniform,
    constant,
    draw,
    exponential,
    mix,
    mixture,
    name_salt,
    pareto,
    uniform,
)
from splitbrain.records import Message

__all__ = ["Network", "Link", "Endpoint", "Cause", "constant", "uniform", "exponential", "pareto", "mixture"]

_MASK = 0xFFFF_FFFF_FFFF_FFFF
_UNIT = 2.0**-53
_LOSS, _DUPLICATE, _REORDER, _AGAIN = 1, 2, 3, 4  # what a further draw for a message is for


class Cause:
    """What a message is sent on behalf of: a client's operation, or a task of a node.

    `salt` is where the luck of its messages comes from; `sent` holds, for each link it has used, the ordinal of the
    last message.
    """

    __slots__ = ("id", "salt", "sent")

    def __init__(self, id: str, salt: int):
        self.id = id
        self.salt = salt
        self.sent: dict[int, int] = {}

    def __str__(self) -> str:
        return self.id


@lru_cache(maxsize=10_000)
def _salts(name: str) -> tuple[int, int]:
    """What the luck of messages from a name, and to it, follows from."""
    return mix(name_salt(name), 1), mix(name_salt(name), 2)


class Endpoint:
    """A name on the network: a node through all its lives, or a client.

    `process` is who answers now, None while it is crashed. `open` is False whenever an arriving message
    needs a second look: crashed, paused or slow. `home` is the node beside which a client stands when the
    network is partitioned, `side` the part it is in. `points` counts the crash points that this name has passed, in
    all its lives; at number `crash_at`, `die` is called, which raises `Crash`. `targets` are the endpoints it is
    joined to. A link's number is ``source.base + target.index``; its luck follows from the names' `salt` only, so that
    it is the same in a smaller cluster.
    """

    __slots__ = ("name", "process", "paused", "lag_us", "open", "home", "is_node", "points", "crash_at", "die",
                 "targets", "index", "base", "side", "salt", "salt_in")

    def __init__(self, name: str, *, home: str = ""):
        self.name = name
        self.home = home or name
        self.is_node = not home
        self.points, self.crash_at = 0, -1
        self.die: Callable[[], None] | None = None
        self.process: Any = None
        self.paused = False
        self.lag_us = 0
        self.open = False
        self.targets: dict[str, Endpoint] = {}
        self.index = self.base = self.side = 0
        self.salt, self.salt_in = _salts(name)

    @property
    def state(self) -> str:
        if self.process is None:
            return "crashed"
        return "paused" if self.paused else "up"

    def refresh(self) -> None:
        self.open = self.process is not None and not self.paused and not self.lag_us


class Link:
    """What one direction between two endpoints does to messages. Only links that do anything have one."""

    def __init__(self, latency: Distribution):
        self.severed = False
        self.loss = self.duplicate = self.reorder = self.reorder_ms = 0.0
        self.last_us = 0
        self.latency = latency
        self.exceptions: dict[tuple[str, int], float | None] = {}

    def like(self) -> Link:
        """A link that begins as this one is."""
        link = Link(self.latency)
        link.loss, link.duplicate = self.loss, self.duplicate
        link.reorder, link.reorder_ms = self.reorder, self.reorder_ms
        return link

    @property
    def impaired(self) -> bool:
        return bool(self.severed or self.loss or self.duplicate or self.reorder or self.exceptions)


class Network:
    """Carries messages between endpoints, over links, in virtual time.

    Parameters
    ----------
    clock : Clock
    latency : Distribution
        Of every link, until it is set otherwise.
    in_order : bool
        Whether a link keeps the order of its messages, as a TCP connection does. By default it does not.
    raw : list or None
        Where the journal's tuples go; None keeps no journal.
    """

    def __init__(self, clock: Clock, *, seed: int, latency: Distribution, in_order: bool, raw: list | None):
        self.clock = clock
        self.seed = seed
        self.in_order = in_order
        self.raw = raw
        self.sent = self.bytes = self.landed = 0
        self.endpoints: dict[str, Endpoint] = {}
        self.everywhere = Link(latency)
        self.links: dict[int, Link] = {}
        self.beside: dict[str, Link] = {}  # what has been done to every link of a node: for clients that come later
        self.partitioned = False
        self._deliver = self.deliver
        self.refresh()

    def add(self, endpoint: Endpoint) -> None:
        """Put a name on the network, without links."""
        endpoint.index = len(self.endpoints) + 1
        endpoint.base = endpoint.index << 16
        self.endpoints[endpoint.name] = endpoint

    def join(self, pairs: list[tuple[str, str]] | None) -> None:
        """Join nodes: those of each pair, both ways, or (None) all, who then share one table.

        A node reaches itself, too.
        """
        nodes = {name: e for name, e in self.endpoints.items() if e.is_node}
        for name, endpoint in nodes.items():
            endpoint.targets = nodes if pairs is None else {name: endpoint}
        for a, b in pairs or ():
            nodes[a].targets[b] = nodes[b]
            nodes[b].targets[a] = nodes[a]

    def link(self, source: str, target: str) -> Link:
        """The link from source to target, to do something to; call `refresh` afterwards."""
        key = self.endpoints[source].base + self.endpoints[target].index
        if key not in self.links:
            self.links[key] = self.everywhere.like()
        return self.links[key]

    def welcome(self, client: Endpoint) -> None:
        """Let a new client's links be as the nodes' links are by now."""
        for name, template in self.beside.items():
            node = self.endpoints[name]
            for source, target in ((client, node), (node, client)):
                self.links[source.base + target.index] = template.like()

    def refresh(self) -> None:
        """See which checks can be left out: `plain` if no link does anything but take time, `whole` if none is cut."""
        links = [*self.links.values(), *self.beside.values()]
        same = all(link.latency == self.everywhere.latency for link in links)
        self.whole = not self.partitioned and not any(link.severed for link in links)
        self.plain = (self.whole and same and not self.in_order and not self.everywhere.impaired
                      and not any(link.impaired for link in links))
        latency = self.everywhere.latency
        self.sample_us = latency.sampler()
        self.low_us, self.span_us = 0, -1
        if isinstance(latency, Uniform | Constant):  # the usual case, without a call
            self.low_us, self.span_us = self.sample_us(0.0), self.sample_us(1.0) - self.sample_us(0.0)

    def is_cut(self, source: Endpoint, target: Endpoint) -> bool:
        """Whether what source sends does not reach target."""
        if self.partitioned and source.side != target.side:
            return True
        link = self.links.get(source.base + target.index)
        return link is not None and link.severed

    def note(self, kind: str, node: str, detail: dict | None = None, message: tuple | None = None) -> None:
        """Write an event into the journal, if one is kept."""
        if self.raw is not None:
            self.raw.append((self.clock.us, kind, node, message, detail))

    def transmit(self, kind: str, source: Endpoint, target: Endpoint, method: str, body: bytes, cause: Cause,
                 reply_to: int | None, depth: int) -> int:
        """Send a message, its body serialised already; its id. Runs once a message, so everything is written out."""
        self.sent = id = self.sent + 1
        self.bytes += len(body)
        clock = self.clock
        us = clock.us
        key = source.base + target.index
        sent = cause.sent
        sent[key] = ordinal = sent.get(key, -1) + 1
        message = (id, kind, source.name, target.name, method, body, cause, reply_to, depth, source, target, us,
                   ordinal)
        if self.raw is not None:
            self.raw.append(message)
        # A hash of cause, link and ordinal: Weyl's sequence and a round of xor, shift and multiply. Its upper bits are
        # the message's luck.
        x = (cause.salt ^ source.salt ^ target.salt_in) + ordinal * 0x9E37_79B9_7F4A_7C15
        luck = (x ^ x >> 32) * 0xD6E8_FEB8_6659_FD93 & _MASK
        if not self.plain:
            self._send_impaired(message, luck)
            return id
        clock.sequence = sequence = clock.sequence + 1
        if self.span_us >= 0:
            us += self.low_us + (luck * self.span_us >> 64)
        else:
            us += self.sample_us((luck >> 11) * _UNIT)
        heappush(clock.heap, (us, sequence, self._deliver, message))
        return id

    def _send_impaired(self, message: tuple, hashed: int) -> None:
        """The slow path: whatever a link can do to a message besides carrying it."""
        cause, source, target = message[6], message[9], message[10]
        link = self.links.get(source.base + target.index, self.everywhere)
        us = self.clock.us + link.latency.sampler()((hashed >> 11) * _UNIT)

        def luck(what: int) -> float:
            return draw(hashed, what)

        exception = link.exceptions.get((cause.id, message[12]), 0.0)
        cut = self.is_cut(source, target)
        if cut or exception is None or (link.loss and luck(_LOSS) < link.loss):
            self.landed += 1
            return self.drop(message, "cut" if cut else "loss")
        us += round(exception * 1000)
        if link.reorder and luck(_REORDER) < link.reorder:
            us += round(link.reorder_ms * 1000)
        elif self.in_order:
            link = self.link(source.name, target.name)
            us = link.last_us = max(us, link.last_us)
        self.clock.call_at(us, self._deliver, message)
        if link.duplicate and luck(_DUPLICATE) < link.duplicate:
            self.landed -= 1  # it will land once more than it was sent
            self.clock.call_at(us + link.latency.sampler()(luck(_AGAIN)), self._deliver, message)
        return None

    @property
    def flying(self) -> int:
        """How many messages are on their way."""
        return self.sent - self.landed

    def lose(self, frozen: Iterable[tuple]) -> None:
        """A paused process has died: what had come to it is dropped."""
        for function, message in frozen:
            if function == self._arrive:
                self.landed += 1
                self.drop(message, "crashed")

    def drop(self, message: tuple, reason: str) -> None:
        self.note("drop", message[3] if reason == "crashed" else message[2], {"reason": reason}, message)

    def deliver(self, message: tuple) -> None:
        """A message arrives. A cut takes what is still on its way; a crashed process receives nothing."""
        self.landed += 1
        endpoint = message[10]
        if not self.whole and self.is_cut(message[9], endpoint):
            return self.drop(message, "cut")
        if not endpoint.open:
            return self._deliver_awkwardly(message, endpoint)
        endpoint.points += 1
        if endpoint.points == endpoint.crash_at:
            return self._dies_receiving(message, endpoint)
        if self.raw is not None:
            self.raw.append((self.clock.us, message))
        process = endpoint.process
        if message[1] != "response":
            return process.receive(message)
        future = process.waiting.pop(message[7], None)
        if future is not None:
            future.done = True
            future.depth = message[8]
            future.value = loads(message[5])
            if future.waiter is not None:
                future.waiter.step(future)
        return None

    def _deliver_awkwardly(self, message: tuple, endpoint: Endpoint) -> None:
        if endpoint.process is None:
            self.drop(message, "crashed")
        elif endpoint.paused:
            endpoint.process.frozen.append((self._arrive, message))
            self.landed -= 1
        else:
            self.landed -= 1
            self.clock.call_at(self.clock.us + endpoint.lag_us, self._arrive, message)

    def _dies_receiving(self, message: tuple, endpoint: Endpoint) -> None:
        try:
            endpoint.die()
        except Crash:
            self.drop(message, "crashed")

    def _arrive(self, message: tuple) -> None:
        """A message that waited at a paused or slow process is taken up."""
        endpoint = message[10]
        if endpoint.paused:
            self.landed += 1
            return self._deliver_awkwardly(message, endpoint)
        was, endpoint.open = endpoint.open, endpoint.process is not None
        cut, self.whole = self.whole, True  # it had arrived before: a later cut is too late
        try:
            return self.deliver(message)
        finally:
            self.whole = cut
            if endpoint.open:
                endpoint.open = was

    def in_flight(self) -> list[tuple[Message, float, float]]:
        """``(message, sent, arrives)``, in milliseconds, in the order of arrival."""
        return [(_readable(m), m[11] / 1000, us / 1000) for us, _, _, m in self.under_way()]

    def under_way(self) -> list[tuple]:
        """The entries in the clock's heap that are messages, in the order of arrival."""
        return sorted(e for e in self.clock.heap if e[2] in (self._deliver, self._arrive))

    def waiting(self) -> list[Message]:
        """Messages that have come to a paused process, and wait there."""
        processes = [e.process for e in self.endpoints.values() if e.paused and e.process is not None]
        return [_readable(m) for p in processes for function, m in p.frozen if function == self._arrive]

    def find(self, operation: str, source: str, target: str, nth: int) -> tuple | None:
        """The entry in the clock's heap of one message on its way; of two copies the one that arrives first."""
        def sought(message: tuple) -> bool:
            return (message[2], message[3], message[12], str(message[6])) == (source, target, nth, operation)

        return next((entry for entry in self.under_way() if sought(entry[3])), None)

    def lose_one(self, entry: tuple) -> None:
        """Lose a message that is on its way."""
        self.clock.take_back(entry)
        self.landed += 1
        self.drop(entry[3], "loss")

    def move(self, entry: tuple, us: int) -> None:
        """Let a message that is on its way arrive at another time: now means before all else that is to happen."""
        self.clock.take_back(entry)
        self.clock.call_at(us, entry[2], entry[3], ahead=us <= self.clock.us)

    def copy(self, entry: tuple) -> None:
        """Let a message that is on its way arrive once more, as long after the first time as that after its sending."""
        us, _, function, message = entry
        self.landed -= 1  # it will land once more than it was sent
        self.clock.call_at(2 * us - message[11], function, message)

    def describe(self, argument: Any) -> str:
        """What a heap entry of ours is: for the error that names a storm."""
        return f"messages {argument[4]!r} from {argument[2]} to {argument[3]} (of {argument[6]})"

    def select(self, *names: str) -> list[Link]:
        """The links between two names, both ways, or those of one; with no name the template and all that differ."""
        if not names:
            return [self.everywhere, *self.beside.values(), *self.links.values()]
        here = self.endpoints[names[0]]
        template = []
        if len(names) == 1 and here.is_node:
            template = [self.beside.setdefault(here.name, self.everywhere.like())]
        others = [names[1]] if len(names) == 2 else [
            e.name for e in self.endpoints.values()
            if e is not here and (e.name in here.targets or here.name in e.targets)]
        return template + [link for other in others for link in (self.link(here.name, other),
                                                                 self.link(other, here.name))]


def _readable(raw: tuple) -> Message:
    id, kind, source, target, method, body, cause, reply_to, depth = raw[:9]
    return Message(id, kind, source, target, method, loads(body), len(body), str(cause), reply_to, depth)
