"""Someone who compares inside a transaction that has no right to write yet."""

EXERCISE = "fence"
EXPECT = "it had read before the other one wrote"


def write(db, epoch, holder, item):
    db.isolation_level = None
    db.execute("BEGIN")
    last = db.execute("SELECT epoch, holder FROM fence").fetchone()
    if epoch < last[0] or (epoch == last[0] and holder != last[1]):
        db.execute("ROLLBACK")
        return False
    db.execute("UPDATE fence SET epoch = ?, holder = ?", (epoch, holder))
    db.execute("INSERT INTO orders (epoch, holder, item) VALUES (?, ?, ?)", (epoch, holder, item))
    db.execute("COMMIT")
    return True
