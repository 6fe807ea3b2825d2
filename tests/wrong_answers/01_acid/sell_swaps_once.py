"""Someone who compares and swaps, and sends the customer away if somebody else was faster."""

EXERCISE = "sell"
EXPECT = "Somebody else having been faster"


def sell(db, item):
    n, version = db.execute("SELECT n, version FROM stock WHERE item = ?", (item,)).fetchone()
    if n == 0:
        return False
    with db:
        swapped = db.execute("UPDATE stock SET n = ? WHERE item = ? AND version = ?", (n - 1, item, version))
    return swapped.rowcount == 1
