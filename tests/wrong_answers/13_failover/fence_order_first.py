"""Someone who commits the order, then raises the fence: a death in between, and the fence is low."""

EXERCISE = "fence"
EXPECT = "The process died"


def write(db, epoch, holder, item):
    db.isolation_level = None
    db.execute("BEGIN IMMEDIATE")
    last = db.execute("SELECT epoch, holder FROM fence").fetchone()
    if epoch < last[0] or (epoch == last[0] and holder != last[1]):
        db.execute("ROLLBACK")
        return False
    db.execute("INSERT INTO orders (epoch, holder, item) VALUES (?, ?, ?)", (epoch, holder, item))
    db.execute("COMMIT")
    db.execute("UPDATE fence SET epoch = ?, holder = ?", (epoch, holder))
    return True
