"""Someone who deletes an item that is sold out."""

EXERCISE = "sell"
EXPECT = "is not as it was"


def sell(db, item):
    with db:
        sold = db.execute("UPDATE stock SET n = n - 1 WHERE item = ? AND n > 0", (item,)).rowcount == 1
        db.execute("DELETE FROM stock WHERE n = 0")
    return sold
