"""Someone who compares, and then writes in a transaction: in between, another one has come."""

EXERCISE = "fence"
EXPECT = "between your comparison and your write"


def write(db, epoch, holder, item):
    last = db.execute("SELECT epoch, holder FROM fence").fetchone()
    if epoch < last[0] or (epoch == last[0] and holder != last[1]):
        return False
    with db:
        db.execute("UPDATE fence SET epoch = ?, holder = ?", (epoch, holder))
        db.execute("INSERT INTO orders (epoch, holder, item) VALUES (?, ?, ?)", (epoch, holder, item))
    return True
