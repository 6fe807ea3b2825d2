"""Someone who puts both into one transaction with BEGIN: nothing is lost, and the slower customer gets an error."""

EXERCISE = "sell"
EXPECT = "on top of an old reading"


def sell(db, item):
    with db:
        db.execute("BEGIN")
        n = db.execute("SELECT n FROM stock WHERE item = ?", (item,)).fetchone()[0]
        if n == 0:
            return False
        db.execute("UPDATE stock SET n = ? WHERE item = ?", (n - 1, item))
    return True
