"""Someone who notes the message first, so that nobody else does it; a death in between, and nobody ever does."""

EXERCISE = "once"
EXPECT = "Nothing was paid"


def once(db, message, amount):
    if db.execute("INSERT OR IGNORE INTO seen VALUES (?)", (message,)).rowcount == 0:
        return False
    db.execute("UPDATE account SET balance = balance + ? WHERE owner = 'shop'", (amount,))
    return True
