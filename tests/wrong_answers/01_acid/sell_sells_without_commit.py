"""Someone who forgets that a sale that is not committed keeps every other till waiting."""

EXERCISE = "sell"
EXPECT = "waits for ever"


def sell(db, item):
    return db.execute("UPDATE stock SET n = n - 1 WHERE item = ? AND n > 0", (item,)).rowcount == 1
