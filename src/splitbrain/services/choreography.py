"""The same order without a conductor: each service hears what has happened and does what follows from it.

Nobody knows the whole process, and nobody is told what to do. Who wants to know where an order stands has to follow its
trace. A new service that listens changes none of the others; a new step in the middle changes its neighbours.
"""

from __future__ import annotations

from splitbrain.messaging.envelope import Envelope
from splitbrain.messaging.service import Service
from splitbrain.services.order import CANCELLED, CONFIRMED, ORDER_SCHEMA, PENDING, order_state
from splitbrain.services.payment import Accounts
from splitbrain.services.stock import Warehouse


class ListeningOrder(Service):
    """Says that an order was placed, and hears how it ended."""

    name = "order"
    topics = ("events",)
    schema = ORDER_SCHEMA

    def on_start(self, message: Envelope) -> None:
        order = message.body
        if self.db.execute("INSERT OR IGNORE INTO orders VALUES (?, ?)", (order["id"], PENDING)).rowcount:
            self.publish("order placed", order)

    def on_stock_refused(self, message: Envelope) -> None:
        self._end(message, CANCELLED)

    def on_stock_released(self, message: Envelope) -> None:
        self._end(message, CANCELLED)

    def on_sale_booked(self, message: Envelope) -> None:
        self._end(message, CONFIRMED)

    def state(self, order: str) -> str | None:
        return order_state(self, order)

    def _end(self, message: Envelope, state: str) -> None:
        self.db.execute("UPDATE orders SET state = ? WHERE id = ?", (state, message.body["id"]))


class ListeningStock(Warehouse):
    """Reserves what was ordered, ships what was paid, releases what was not."""

    topics = ("events",)

    def on_order_placed(self, message: Envelope) -> None:
        self.publish("stock reserved" if self.reserve(message.body) else "stock refused", message.body)

    def on_payment_taken(self, message: Envelope) -> None:
        self.publish("order shipped" if self.ship(message.body) else "shipping refused", message.body)

    def on_payment_refused(self, message: Envelope) -> None:
        self._release(message)

    def on_payment_refunded(self, message: Envelope) -> None:
        self._release(message)

    def _release(self, message: Envelope) -> None:
        self.release(message.body)
        self.publish("stock released", message.body)


class ListeningPayment(Accounts):
    """Takes the money for what is reserved, books what is shipped, refunds what could not be."""

    topics = ("events",)

    def on_stock_reserved(self, message: Envelope) -> None:
        self.publish("payment taken" if self.charge(message.body) else "payment refused", message.body)

    def on_order_shipped(self, message: Envelope) -> None:
        order = message.body | {"attempt": message.body.get("attempt", 0) + 1}
        self.publish("sale booked" if self.book(order) else "books closed", order)

    def on_books_closed(self, message: Envelope) -> None:
        self.on_order_shipped(message)      # retriable: asks until they are open

    def on_shipping_refused(self, message: Envelope) -> None:
        self.refund(message.body)
        self.publish("payment refunded", message.body)
