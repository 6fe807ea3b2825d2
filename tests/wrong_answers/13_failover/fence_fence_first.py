"""Someone who raises the fence, commits, and then writes: a later one has come and written in between."""

EXERCISE = "fence"
EXPECT = "between your comparison and your write"


def write(db, epoch, holder, item):
    with db:
        good = db.execute("UPDATE fence SET epoch = ?, holder = ? WHERE epoch < ? OR (epoch = ? AND holder = ?)",
                          (epoch, holder, epoch, epoch, holder)).rowcount == 1
    if good:
        with db:
            db.execute("INSERT INTO orders (epoch, holder, item) VALUES (?, ?, ?)", (epoch, holder, item))
    return good
