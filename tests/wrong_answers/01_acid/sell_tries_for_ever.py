"""Someone whose retry reads once, outside of the loop: the number never becomes right, and the loop never ends."""

EXERCISE = "sell"
EXPECT = "did not end"
OUTCOME = "your code raised"


def sell(db, item):
    n, version = db.execute("SELECT n, version FROM stock WHERE item = ?", (item,)).fetchone()
    if n == 0:
        return False
    while True:
        with db:
            if db.execute("UPDATE stock SET n = ? WHERE item = ? AND version = ?", (n - 1, item, version)).rowcount:
                return True
