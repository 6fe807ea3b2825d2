"""Someone who compares with a fence that nobody raises."""

EXERCISE = "fence"
EXPECT = "Who remembers which epoch was last"


def write(db, epoch, holder, item):
    with db:
        db.execute("UPDATE fence SET epoch = epoch")        # takes the right to write
        last = db.execute("SELECT epoch, holder FROM fence").fetchone()
        if epoch < last[0]:
            return False
        db.execute("INSERT INTO orders (epoch, holder, item) VALUES (?, ?, ?)", (epoch, holder, item))
    return True
