"""Someone who commits a sale and returns early, lock in hand, when there is nothing to sell."""

EXERCISE = "sell"
EXPECT = "waits for ever"


def sell(db, item):
    db.execute("BEGIN IMMEDIATE")
    n = db.execute("SELECT n FROM stock WHERE item = ?", (item,)).fetchone()[0]
    if n == 0:
        return False
    db.execute("UPDATE stock SET n = n - 1 WHERE item = ?", (item,))
    db.execute("COMMIT")
    return True
