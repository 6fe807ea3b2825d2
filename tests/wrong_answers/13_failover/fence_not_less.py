"""Someone who refuses what is older, and forgets that two can hold one epoch."""

EXERCISE = "fence"
EXPECT = "another holder has written with it"


def write(db, epoch, holder, item):
    with db:
        good = db.execute("UPDATE fence SET epoch = ?, holder = ? WHERE epoch <= ?",
                          (epoch, holder, epoch)).rowcount == 1
        if good:
            db.execute("INSERT INTO orders (epoch, holder, item) VALUES (?, ?, ?)", (epoch, holder, item))
    return good
