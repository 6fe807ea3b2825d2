"""Someone who puts the writing into a transaction and leaves the reading outside."""

EXERCISE = "sell"
EXPECT = "Somebody's number was overwritten"


def sell(db, item):
    n = db.execute("SELECT n FROM stock WHERE item = ?", (item,)).fetchone()[0]
    if n == 0:
        return False
    with db:
        db.execute("UPDATE stock SET n = ? WHERE item = ?", (n - 1, item))
    return True
