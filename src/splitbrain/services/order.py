"""The order service, which orchestrates: it alone knows the whole process, and tells each of the others its part."""

from __future__ import annotations

from splitbrain.messaging.saga import COMPLETED, Orchestrator, Step
from splitbrain.messaging.service import Service

PENDING, CONFIRMED, CANCELLED = "pending", "confirmed", "cancelled"

ORDER_STEPS = (Step("stock", "reserve", "release"),
               Step("payment", "charge", "refund"),
               Step("stock", "ship"),                            # the pivot: a parcel does not come back
               Step("payment", "book", retriable=True))

ORDER_SCHEMA = "CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, state TEXT NOT NULL);"


def order_state(service: Service, order: str) -> str | None:
    """``"pending"``, ``"confirmed"``, ``"cancelled"``, or None. Pending is a semantic lock: hands off this order."""
    row = service.db.execute("SELECT state FROM orders WHERE id = ?", (order,)).fetchone()
    return row and row[0]


class Order(Orchestrator):
    """Runs an order as a saga of four steps; see `ORDER_STEPS`."""

    name = "order"
    steps = ORDER_STEPS
    schema = Orchestrator.schema + ORDER_SCHEMA

    def began(self, saga: str, body: dict) -> None:
        self.db.execute("INSERT INTO orders VALUES (?, ?)", (saga, PENDING))

    def ended(self, saga: str, state: str) -> None:
        self.db.execute("UPDATE orders SET state = ? WHERE id = ?",
                        (CONFIRMED if state == COMPLETED else CANCELLED, saga))

    def state(self, order: str) -> str | None:
        return order_state(self, order)
