"""Someone who begins a transaction, does both in it, and returns."""

EXERCISE = "once"
EXPECT = "left a transaction open"
OUTCOME = "your code raised"


def once(db, message, amount):
    db.execute("BEGIN IMMEDIATE")
    new = db.execute("INSERT OR IGNORE INTO seen VALUES (?)", (message,)).rowcount == 1
    if new:
        db.execute("UPDATE account SET balance = balance + ? WHERE owner = 'shop'", (amount,))
    return new
