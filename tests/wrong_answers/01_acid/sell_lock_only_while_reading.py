"""Someone who takes the lock for the reading, and lets it go before the writing."""

EXERCISE = "sell"
EXPECT = "A sale is lost"


def sell(db, item):
    db.execute("BEGIN IMMEDIATE")
    n, = db.execute("SELECT n FROM stock WHERE item = ?", (item,)).fetchone()
    db.execute("COMMIT")
    if n == 0:
        return False
    with db:
        db.execute("UPDATE stock SET n = ? WHERE item = ?", (n - 1, item))
    return True
