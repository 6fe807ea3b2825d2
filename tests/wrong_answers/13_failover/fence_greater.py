"""Someone who wants every token to be greater than the last: the rightful holder's second write is refused."""

EXERCISE = "fence"
EXPECT = "than its own"


def write(db, epoch, holder, item):
    with db:
        good = db.execute("UPDATE fence SET epoch = ?, holder = ? WHERE epoch < ?",
                          (epoch, holder, epoch)).rowcount == 1
        if good:
            db.execute("INSERT INTO orders (epoch, holder, item) VALUES (?, ?, ?)", (epoch, holder, item))
    return good
