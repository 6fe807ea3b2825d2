"""Someone who makes the whole connection exclusive: with another till open, nobody can sell."""

EXERCISE = "sell"
EXPECT = "nobody else had written anything"


def sell(db, item):
    db.execute("PRAGMA busy_timeout = 0")
    db.execute("PRAGMA locking_mode = EXCLUSIVE")
    n, = db.execute("SELECT n FROM stock WHERE item = ?", (item,)).fetchone()
    if n == 0:
        return False
    with db:
        db.execute("UPDATE stock SET n = ? WHERE item = ?", (n - 1, item))
    return True
