"""The payment service: accounts, and a charge an order. Knows nothing of stock."""

from __future__ import annotations

from splitbrain.messaging.envelope import Envelope
from splitbrain.messaging.service import Service

CHARGED, REFUNDED, BOOKED = "charged", "refunded", "booked"


class Accounts(Service):
    """What can be done to accounts; who asks for it, and by which message, is for subclasses.

    Every deed names its order, and is done once an order. A refund that comes before its charge stays in the way of it.
    """

    name = "payment"
    schema = """
    CREATE TABLE IF NOT EXISTS account (owner TEXT PRIMARY KEY, balance INTEGER NOT NULL CHECK (balance >= 0));
    CREATE TABLE IF NOT EXISTS charge (order_id TEXT PRIMARY KEY, owner TEXT, amount INTEGER, state TEXT NOT NULL);
    INSERT OR IGNORE INTO account VALUES ('ann', 100), ('bob', 5);
    """

    def charge(self, order: dict) -> bool:
        """Take the money; False if there is too little, or the charge was refunded before it came."""
        known = self.state(order["id"])
        if known:
            return known != REFUNDED
        paid = self.db.execute("UPDATE account SET balance = balance - ? WHERE owner = ? AND balance >= ?",
                               (order["price"], order["owner"], order["price"])).rowcount
        if paid:
            self.db.execute("INSERT INTO charge VALUES (?, ?, ?, ?)",
                            (order["id"], order["owner"], order["price"], CHARGED))
        return bool(paid)

    def refund(self, order: dict) -> None:
        """Give the money back, if it was taken; done twice it is done once."""
        known = self.state(order["id"])
        if known == CHARGED:
            self.db.execute("UPDATE account SET balance = balance + ? WHERE owner = ?",
                            (order["price"], order["owner"]))
        if known is None:
            self.db.execute("INSERT INTO charge VALUES (?, ?, 0, ?)", (order["id"], order["owner"], REFUNDED))
        self.db.execute("UPDATE charge SET state = ? WHERE order_id = ?", (REFUNDED, order["id"]))

    def book(self, order: dict) -> bool:
        """Enter the sale into the books; False while they are closed (for the first ``books_closed`` attempts)."""
        if order.get("attempt", 1) <= order.get("books_closed", 0):
            return False
        self.db.execute("UPDATE charge SET state = ? WHERE order_id = ?", (BOOKED, order["id"]))
        return True

    def state(self, order: str) -> str | None:
        """``"charged"``, ``"refunded"``, ``"booked"``, or None."""
        row = self.db.execute("SELECT state FROM charge WHERE order_id = ?", (order,)).fetchone()
        return row and row[0]


class Payment(Accounts):
    """Takes commands, and answers whoever gave them."""

    def on_charge(self, message: Envelope) -> None:
        self.reply("done" if self.charge(message.body) else "refused", {})

    def on_refund(self, message: Envelope) -> None:
        self.refund(message.body)
        self.reply("undone", {})

    def on_book(self, message: Envelope) -> None:
        self.reply("done" if self.book(message.body) else "refused", {})
