"""Someone who lets the database subtract, and still trusts a reading from before for whether there is one."""

EXERCISE = "sell"
EXPECT = "The last lamp was sold twice"


def sell(db, item):
    if db.execute("SELECT n FROM stock WHERE item = ?", (item,)).fetchone()[0] == 0:
        return False
    with db:
        db.execute("UPDATE stock SET n = n - 1 WHERE item = ?", (item,))
    return True
