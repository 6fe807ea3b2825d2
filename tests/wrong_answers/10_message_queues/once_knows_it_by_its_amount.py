"""Someone who takes two messages of one amount for one message."""

EXERCISE = "once"
EXPECT = "m2 (10) came once"


def once(db, message, amount):
    db.execute("BEGIN IMMEDIATE")
    new = db.execute("INSERT OR IGNORE INTO seen VALUES (?)", (str(amount),)).rowcount == 1
    if new:
        db.execute("UPDATE account SET balance = balance + ? WHERE owner = 'shop'", (amount,))
    db.execute("COMMIT")
    return new
