"""Someone who has heard that it takes a transaction, and gives each of the two steps its own."""

EXERCISE = "once"
EXPECT = "happened one after the other"


def once(db, message, amount):
    if db.execute("SELECT 1 FROM seen WHERE message = ?", (message,)).fetchone():
        return False
    db.execute("BEGIN IMMEDIATE")
    db.execute("UPDATE account SET balance = balance + ? WHERE owner = 'shop'", (amount,))
    db.execute("COMMIT")
    db.execute("BEGIN IMMEDIATE")
    db.execute("INSERT INTO seen VALUES (?)", (message,))
    db.execute("COMMIT")
    return True
