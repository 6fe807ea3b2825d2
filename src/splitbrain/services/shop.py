"""The three services in one process, a message at a time in turn, killed where it is told and started again.

Every run is the same run: who steps when is fixed, so a kill is named by a service and a number, and happens again.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from splitbrain.messaging.envelope import Envelope
from splitbrain.messaging.mailbox import Mailbox
from splitbrain.messaging.service import Service
from splitbrain.services.choreography import ListeningOrder, ListeningPayment, ListeningStock
from splitbrain.services.order import CANCELLED, CONFIRMED, Order
from splitbrain.services.payment import BOOKED, REFUNDED, Payment
from splitbrain.services.routing_slip import SlipOrder, SlipPayment, SlipStock
from splitbrain.services.stock import RELEASED, SHIPPED, Stock

BUILDS: dict[str, tuple[type[Service], ...]] = {
    "routing slip": (SlipOrder, SlipStock, SlipPayment),
    "orchestrated saga": (Order, Stock, Payment),
    "choreographed saga": (ListeningOrder, ListeningStock, ListeningPayment),
}
ORDER = {"id": "o1", "owner": "ann", "item": "lamp", "n": 2, "price": 30, "address": "home"}
REFUSALS = {"nobody": {}, "reserve": {"item": "desk"}, "charge": {"owner": "bob"}, "ship": {"address": "nowhere"},
            "book, twice": {"books_closed": 2}}
_MOST_STEPS = 1_000
_spaces = count(1)


class Killed(BaseException):
    """What is raised at a failpoint; nothing in a service catches it, as nothing catches SIGKILL."""


@dataclass(frozen=True, slots=True)
class Kill:
    """A service dies at the `number`-th boundary that it passes, from 1."""

    service: str
    number: int


class Shop:
    """Services that are stepped in turn; as a context manager it closes their databases and forgets their queues.

    Parameters
    ----------
    redis : redis.Redis
        Which answers in strings.
    folder : path
        For the databases. Empty, or that of an earlier shop with the same services.
    services : sequence of classes
        One of `BUILDS`, or others.
    kills : iterable of Kill
    """

    def __init__(self, redis: Any, folder: Path | str, services: Sequence[type[Service]] = BUILDS["orchestrated saga"],
                 *, kills: Sequence[Kill] = ()):
        self._redis, self._folder, self._kills = redis, folder, set(kills)
        self._space = f"shop-{redis.incr('shops')}-{next(_spaces)}"
        self.classes = {kind.name: kind for kind in services}
        self.passed: dict[str, list[str]] = {name: [] for name in self.classes}
        self.deaths: list[str] = []
        self._transactions = 0
        self.services = {name: self._new(kind) for name, kind in self.classes.items()}
        self._counter = Mailbox(redis, "customers", space=self._space)

    def place(self, order: dict = ORDER, **changes: Any) -> str:
        """A customer's order, in the order service's queue; returns its number. Sent again it is the same order."""
        order = order | changes
        start = Envelope(name="start", id=f"start {order['id']}", body=order, trace=order["id"], sender="customer",
                         to="order")
        self._counter.send("order", start.to_json())
        return order["id"]

    def run(self, steps: int = _MOST_STEPS) -> int:
        """Step each service in turn until no message is left, or `steps` turns are over; how many were handled."""
        handled, quiet = 0, 0
        for turn in range(steps):
            name = list(self.services)[turn % len(self.services)]
            stepped = self.step(name)
            handled += stepped
            quiet = 0 if stepped else quiet + 1
            if quiet == len(self.services):
                return handled
        return handled

    def step(self, name: str) -> bool:
        """One message for one service; a service that dies at it is started again at once, on what it left."""
        service = self.services[name]
        try:
            return service.step()
        except Killed:
            self.deaths.append(f"{name}, {self.passed[name][-1]}")
            self._let_go(service)
            self.services[name] = self._new(self.classes[name])
            return True

    def outcome(self, order: str = "o1") -> str:
        """``"completed"``, ``"compensated"``, or what each service says, where these do not fit together."""
        states = tuple(self.services[name].state(order) for name in ("order", "stock", "payment"))
        if states == (CONFIRMED, SHIPPED, BOOKED):
            return "completed"
        if states[0] == CANCELLED and states[1] in (None, RELEASED) and states[2] in (None, REFUNDED):
            return "compensated"
        return ", ".join(f"{name} {state}" for name, state in zip(("order", "stock", "payment"), states, strict=True))

    def goods(self) -> dict[str, int]:
        """What is free in stock, and what the customers have: compensated means that both are as before."""
        stock, payment = self.services["stock"].db, self.services["payment"].db
        return dict(stock.execute("SELECT name, free FROM item ORDER BY name").fetchall()
                    + payment.execute("SELECT owner, balance FROM account ORDER BY owner").fetchall())

    def trace(self, order: str | None = None) -> list[dict[str, Any]]:
        """Every message that was handled, with its cause and who handled it; causes come first."""
        found = {(m.id, name): {"id": m.id, "cause": m.cause, "name": m.name, "kind": m.kind, "sender": m.sender,
                                "receiver": name, "version": m.version}
                 for name, service in self.services.items() for m in service.trace() if order in (None, m.trace)}
        rows, known = [], {""}
        while len(rows) < len(found):
            ready = [row for row in found.values() if row["cause"] in known and row not in rows]
            if not ready:
                break
            rows += ready
            known |= {row["id"] for row in ready}
        return rows

    def price(self) -> dict[str, int]:
        """Messages sent, and transactions committed, each of which a careful database forces to the disk."""
        sent = sum(s.db.execute("SELECT count(*) FROM outbox WHERE sent").fetchone()[0] for s in self.services.values())
        return {"messages": sent, "transactions": self._transactions + sum(
            service.transactions for service in self.services.values())}

    def boundaries(self) -> list[Kill]:
        """A kill for every boundary that was passed in this run."""
        return [Kill(name, n) for name, passed in self.passed.items() for n in range(1, len(passed) + 1)]

    def close(self) -> None:
        """Close the databases, and remove the queues from the server."""
        for service in self.services.values():
            service.close()
        if keys := list(self._redis.scan_iter(f"{self._space}:*")):
            self._redis.delete(*keys)

    def __enter__(self) -> Shop:
        return self

    def __exit__(self, *_) -> None:
        with suppress(Exception):
            self.close()

    def _new(self, kind: type[Service]) -> Service:
        def failpoint(boundary: str) -> None:
            passed = self.passed[kind.name]
            passed.append(boundary)
            if Kill(kind.name, len(passed)) in self._kills:
                raise Killed

        return kind(self._redis, self._folder, space=self._space, failpoint=failpoint)

    def _let_go(self, service: Service) -> None:
        self._transactions += service.transactions
        service.close()
