"""Links between processes: latency, loss, duplication, reordering and cuts. Every message is written down here.

A message is one tuple, made once: ``(id, kind, source, target, method, body bytes, cause, reply_to, depth, future,
link)``. The journal keeps it, the heap carries it, and `splitbrain.records.Message` is made from it when somebody
reads. Its body is serialised where it is sent and parsed where it arrives, so processes share no object.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappush
from marshal import loads
from typing import Any

from splitbrain.clock import Clock, Future
from splitbrain.errors import Crash
from splitbrain.latency import Distribution, constant, draw, exponential, mix, mixture, name_salt, pareto, uniform
from splitbrain.records import Message

__all__ = ["Network", "Link", "Endpoint", "Cause", "constant", "uniform", "exponential", "pareto", "mixture"]

_MASK = 0xFFFF_FFFF_FFFF_FFFF
_UNIT = 2.0**-53
_LOSS, _DUPLICATE, _REORDER, _AGAIN = 1, 2, 3, 4  # what a further draw for a message is for


class Cause:
    """What a message is sent on behalf of: a client's operation, or a task of a node.

    `salt` is where the luck of its messages comes from; `sent` counts its messages by link.
    """

    __slots__ = ("id", "salt", "sent")

    def __init__(self, id: str, salt: int):
        self.id = id
        self.salt = salt
        self.sent: dict[Link, int] = {}

    def __str__(self) -> str:
        return self.id


class Endpoint:
    """A name on the network: a node through all its lives, or a client.

    `process` is who answers now, None while it is crashed. `open` is False whenever an arriving message
    needs a second look: crashed, paused or slow. `home` is the node beside which a client stands when the
    network is partitioned. `points` counts the crash points that this name has passed, in all its lives; at number
    `crash_at`, `die` is called, which raises `Crash`.
    """

    __slots__ = ("name", "process", "paused", "lag_us", "open", "home", "is_node", "points", "crash_at", "die")

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

    @property
    def state(self) -> str:
        if self.process is None:
            return "crashed"
        return "paused" if self.paused else "up"

    def refresh(self) -> None:
        self.open = self.process is not None and not self.paused and not self.lag_us


class Link:
    """One direction between two endpoints.

    `partitioned` and `severed` are two ways of being cut, so that a new partition leaves single cuts alone.
    `plain` is True when sending needs nothing but a latency: that is the fast path.
    """

    __slots__ = ("source", "target", "salt", "partitioned", "severed", "loss", "duplicate", "reorder", "reorder_ms",
                 "in_order", "last_us", "exceptions", "latency", "sample", "plain", "cut")

    def __init__(self, source: str, target: Endpoint, salt: int, latency: Distribution, in_order: bool):
        self.source, self.target, self.salt = source, target, salt
        self.partitioned = self.severed = self.cut = False
        self.loss = self.duplicate = self.reorder = self.reorder_ms = 0.0
        self.in_order, self.last_us = in_order, 0
        self.exceptions: dict[tuple[str, int], float | None] = {}
        self.set_latency(latency)
        self.refresh()

    def set_latency(self, latency: Distribution) -> None:
        self.latency = latency
        self.sample = latency.sample

    def refresh(self) -> None:
        self.cut = self.partitioned or self.severed
        self.plain = not (self.cut or self.loss or self.duplicate or self.reorder or self.in_order or self.exceptions)


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
        self.latency = latency
        self.in_order = in_order
        self.raw = raw
        self.sent = self.bytes = self.flying = 0
        self.endpoints: dict[str, Endpoint] = {}
        self.links: dict[str, dict[str, Link]] = {}
        self._deliver = self.deliver

    def add(self, endpoint: Endpoint) -> None:
        """Put a name on the network, without links."""
        self.endpoints[endpoint.name] = endpoint
        self.links[endpoint.name] = {}

    def connect(self, a: str, b: str) -> None:
        """A link each way."""
        for source, target in ((a, b), (b, a)):
            salt = mix(self.seed, name_salt(source), name_salt(target))
            self.links[source][target] = Link(source, self.endpoints[target], salt, self.latency, self.in_order)

    def note(self, kind: str, node: str, detail: dict | None = None, message: tuple | None = None) -> None:
        """Write an event into the journal, if one is kept."""
        if self.raw is not None:
            self.raw.append((self.clock.us, kind, node, message, detail))

    def transmit(self, kind: str, source: str, link: Link, method: str, body: bytes, cause: Cause,
                 reply_to: int | None, depth: int, future: Future | None) -> int:
        """Send a message over a link; its id. The body is serialised already."""
        self.sent = id = self.sent + 1
        self.bytes += len(body)
        message = (id, kind, source, link.target.name, method, body, cause, reply_to, depth, future, link)
        clock = self.clock
        if self.raw is not None:
            self.raw.append((clock.us, "send", source, message, None))
        sent = cause.sent
        ordinal = sent.get(link, 0)
        sent[link] = ordinal + 1
        # `draw(cause, link, ordinal)` written out with two of its rounds: this line runs once a message.
        x = (cause.salt + link.salt + ordinal * 0x9E37_79B9_7F4A_7C15) * 0xBF58_476D_1CE4_E5B9 & _MASK
        x = (x ^ x >> 29) * 0x94D0_49BB_1331_11EB & _MASK
        us = clock.us + round(link.sample(((x ^ x >> 32) >> 11) * _UNIT) * 1000)
        if not link.plain:
            self._send_impaired(message, us, ordinal)
            return id
        self.flying += 1
        clock.sequence += 1
        heappush(clock.heap, (us, clock.sequence, self._deliver, message))
        return id

    def _send_impaired(self, message: tuple, us: int, ordinal: int) -> None:
        """The slow path: whatever a link can do to a message besides carrying it."""
        link, cause = message[10], message[6]

        def luck(what: int) -> float:
            return draw(cause.salt, link.salt, ordinal, what)

        if link.exceptions and (cause.id, ordinal) in link.exceptions:
            delay = link.exceptions[cause.id, ordinal]
            if delay is None:
                return self.drop(message, "loss")
            us += round(delay * 1000)
        if link.cut:
            return self.drop(message, "cut")
        if link.loss and luck(_LOSS) < link.loss:
            return self.drop(message, "loss")
        if link.reorder and luck(_REORDER) < link.reorder:
            us += round(link.reorder_ms * 1000)
        elif link.in_order:
            us = link.last_us = max(us, link.last_us)
        self._carry(us, message)
        if link.duplicate and luck(_DUPLICATE) < link.duplicate:
            self._carry(us + round(link.sample(luck(_AGAIN)) * 1000), message)
        return None

    def _carry(self, us: int, message: tuple) -> None:
        self.flying += 1
        self.clock.call_at(us, self._deliver, message)

    def drop(self, message: tuple, reason: str) -> None:
        self.note("drop", message[3] if reason in ("crashed", "stale") else message[2], {"reason": reason}, message)

    def deliver(self, message: tuple) -> None:
        """A message arrives. A cut takes what is still on its way; a crashed process receives nothing."""
        link = message[10]
        self.flying -= 1
        if link.cut:
            return self.drop(message, "cut")
        endpoint = link.target
        if not endpoint.open:
            return self._deliver_awkwardly(message, endpoint)
        endpoint.points += 1
        if endpoint.points == endpoint.crash_at:
            return self._dies_receiving(message, endpoint)
        if self.raw is not None:
            self.raw.append((self.clock.us, "receive", message[3], message, None))
        endpoint.process.receive(message)
        return None

    def _deliver_awkwardly(self, message: tuple, endpoint: Endpoint) -> None:
        if endpoint.process is None:
            self.drop(message, "crashed")
        elif endpoint.paused:
            endpoint.process.frozen.append((self._arrive, message))
            self.flying += 1
        else:
            self.flying += 1
            self.clock.call_at(self.clock.us + endpoint.lag_us, self._arrive, message)

    def _dies_receiving(self, message: tuple, endpoint: Endpoint) -> None:
        try:
            endpoint.die()
        except Crash:
            self.drop(message, "crashed")

    def _arrive(self, message: tuple) -> None:
        """A message that waited at a paused or slow process is taken up."""
        self.flying -= 1
        process = message[10].target.process
        if process is None:
            return self.drop(message, "crashed")
        if process.frozen is not None:
            return self._deliver_awkwardly(message, message[10].target)
        endpoint = message[10].target
        endpoint.points += 1
        if endpoint.points == endpoint.crash_at:
            return self._dies_receiving(message, endpoint)
        self.note("receive", message[3], None, message)
        return process.receive(message)

    def in_flight(self) -> list[tuple[Message, float, float]]:
        """``(message, sent, arrives)``, in milliseconds, in the order of arrival."""
        sent = {} if self.raw is None else {r[3][0]: r[0] for r in self.raw if r[1] == "send"}
        here = self.clock.us
        flying = sorted(e for e in self.clock.heap if e[2] in (self._deliver, self._arrive))
        return [(_readable(m), sent.get(m[0], here) / 1000, us / 1000) for us, _, _, m in flying]

    def describe(self, argument: Any) -> str:
        """What a heap entry of ours is: for the error that names a storm."""
        return f"messages {argument[4]!r} from {argument[2]} to {argument[3]} (of {argument[6]})"

    def select(self, *names: str) -> list[Link]:
        """Links between two names, both ways; from and to one; or all."""
        every = [link for links in self.links.values() for link in links.values()]
        if len(names) == 2:
            wanted: Callable[[Link], bool] = lambda link: {link.source, link.target.name} == set(names)
        elif len(names) == 1:
            wanted = lambda link: names[0] in (link.source, link.target.name)
        else:
            return every
        return [link for link in every if wanted(link)]


def _readable(raw: tuple) -> Message:
    id, kind, source, target, method, body, cause, reply_to, depth = raw[:9]
    return Message(id, kind, source, target, method, loads(body), len(body), str(cause), reply_to, depth)
