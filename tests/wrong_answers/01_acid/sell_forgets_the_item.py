"""Someone who forgets the WHERE: every item goes down by one."""

EXERCISE = "sell"
EXPECT = "the stock of vases has changed"


def sell(db, item):
    with db:
        sold = db.execute("UPDATE stock SET n = n - 1 WHERE n > 0")
        return db.execute("SELECT changes()").fetchone()[0] > 1 or sold.rowcount > 1
