"""Someone who guards the UPDATE and does not look at whether it found a row."""

EXERCISE = "sell"
EXPECT = "that was no longer there"


def sell(db, item):
    if db.execute("SELECT n FROM stock WHERE item = ?", (item,)).fetchone()[0] == 0:
        return False
    with db:
        db.execute("UPDATE stock SET n = n - 1 WHERE item = ? AND n > 0", (item,))
    return True
