"""The same order as the article has it: a message that carries the list of services it still has to visit.

Each does its part and sends the rest of the slip on. Nothing goes wrong as long as nothing is refused. What was done
before a refusal stays done: there is no way back on the slip.
"""

from __future__ import annotations

from splitbrain.messaging.envelope import Envelope
from splitbrain.messaging.service import Service
from splitbrain.services.order import CANCELLED, CONFIRMED, ORDER_SCHEMA, PENDING, order_state
from splitbrain.services.payment import Accounts
from splitbrain.services.stock import Warehouse

SLIP = (("stock", "reserve"), ("payment", "charge"), ("stock", "ship"), ("payment", "book"), ("order", "finish"))


class Visited(Service):
    """A service that a slip visits: does what it is asked, and sends the slip on if it could."""

    def visit(self, message: Envelope, done: bool) -> None:
        if not done:
            self.send("order", "give up", message.body)
            return
        (to, name), *rest = message.body["slip"]
        self.send(to, name, message.body | {"slip": rest})


class SlipOrder(Visited):
    """Sends the slip on its way, and hears whether it came through."""

    name = "order"
    schema = ORDER_SCHEMA

    def on_start(self, message: Envelope) -> None:
        order = message.body
        if self.db.execute("INSERT OR IGNORE INTO orders VALUES (?, ?)", (order["id"], PENDING)).rowcount:
            self.send(*SLIP[0], order | {"slip": SLIP[1:]})

    def on_finish(self, message: Envelope) -> None:
        self.db.execute("UPDATE orders SET state = ? WHERE id = ?", (CONFIRMED, message.body["id"]))

    def on_give_up(self, message: Envelope) -> None:
        self.db.execute("UPDATE orders SET state = ? WHERE id = ?", (CANCELLED, message.body["id"]))

    def state(self, order: str) -> str | None:
        return order_state(self, order)


class SlipStock(Visited, Warehouse):
    """Reserves and ships for whoever comes with a slip."""

    def on_reserve(self, message: Envelope) -> None:
        self.visit(message, self.reserve(message.body))

    def on_ship(self, message: Envelope) -> None:
        self.visit(message, self.ship(message.body))


class SlipPayment(Visited, Accounts):
    """Charges and books for whoever comes with a slip."""

    def on_charge(self, message: Envelope) -> None:
        self.visit(message, self.charge(message.body))

    def on_book(self, message: Envelope) -> None:
        self.visit(message, self.book(message.body))
