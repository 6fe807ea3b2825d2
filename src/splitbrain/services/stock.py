"""The stock service: what lies in the warehouse, what is reserved for whom, what has left. Knows nothing of money."""

from __future__ import annotations

from splitbrain.messaging.envelope import Envelope
from splitbrain.messaging.service import Service

RESERVED, RELEASED, SHIPPED = "reserved", "released", "shipped"


class Warehouse(Service):
    """What can be done in a warehouse; who asks for it, and by which message, is for subclasses.

    A reservation is a semantic lock: the goods are still there, and not for others.
    """

    name = "stock"
    schema = """
    CREATE TABLE IF NOT EXISTS item (name TEXT PRIMARY KEY, free INTEGER NOT NULL CHECK (free >= 0));
    CREATE TABLE IF NOT EXISTS parcel (order_id TEXT PRIMARY KEY, item TEXT, n INTEGER, state TEXT NOT NULL);
    INSERT OR IGNORE INTO item VALUES ('lamp', 5), ('desk', 0);
    """

    def reserve(self, order: dict) -> bool:
        """Put goods aside; False if there are too few, or the reservation was released before it came."""
        known = self.state(order["id"])
        if known:
            return known != RELEASED
        found = self.db.execute("UPDATE item SET free = free - ? WHERE name = ? AND free >= ?",
                                (order["n"], order["item"], order["n"])).rowcount
        if found:
            self.db.execute("INSERT INTO parcel VALUES (?, ?, ?, ?)",
                            (order["id"], order["item"], order["n"], RESERVED))
        return bool(found)

    def release(self, order: dict) -> None:
        """Put them back, if they were put aside; done twice it is done once."""
        known = self.state(order["id"])
        if known == RESERVED:
            self.db.execute("UPDATE item SET free = free + ? WHERE name = ?", (order["n"], order["item"]))
        if known is None:
            self.db.execute("INSERT INTO parcel VALUES (?, ?, 0, ?)", (order["id"], order["item"], RELEASED))
        self.db.execute("UPDATE parcel SET state = ? WHERE order_id = ?", (RELEASED, order["id"]))

    def ship(self, order: dict) -> bool:
        """Send the parcel, which nothing undoes; False if nobody delivers to that address."""
        if order.get("address") == "nowhere":
            return False
        self.db.execute("UPDATE parcel SET state = ? WHERE order_id = ?", (SHIPPED, order["id"]))
        return True

    def state(self, order: str) -> str | None:
        """``"reserved"``, ``"released"``, ``"shipped"``, or None."""
        row = self.db.execute("SELECT state FROM parcel WHERE order_id = ?", (order,)).fetchone()
        return row and row[0]


class Stock(Warehouse):
    """Takes commands, and answers whoever gave them."""

    def on_reserve(self, message: Envelope) -> None:
        self.reply("done" if self.reserve(message.body) else "refused", {})

    def on_release(self, message: Envelope) -> None:
        self.release(message.body)
        self.reply("undone", {})

    def on_ship(self, message: Envelope) -> None:
        self.reply("done" if self.ship(message.body) else "refused", {})
