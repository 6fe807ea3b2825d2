"""Someone who tries again ten times, which is enough on a quiet day."""

EXERCISE = "sell"
EXPECT = "12 other sellers"


def sell(db, item):
    for _ in range(10):
        n, version = db.execute("SELECT n, version FROM stock WHERE item = ?", (item,)).fetchone()
        if n == 0:
            return False
        with db:
            if db.execute("UPDATE stock SET n = n - 1 WHERE item = ? AND version = ?", (item, version)).rowcount:
                return True
    return False
