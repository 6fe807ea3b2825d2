"""Someone who asks the stock afterwards whether the sale worked: by then it tells of other sales, too."""

EXERCISE = "sell"
EXPECT = "What the stock holds later"


def sell(db, item):
    with db:
        db.execute("UPDATE stock SET n = n - 1 WHERE item = ? AND n > 0", (item,))
    return db.execute("SELECT n FROM stock WHERE item = ?", (item,)).fetchone()[0] > 0
