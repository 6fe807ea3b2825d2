"""Someone who keeps tokens as text, 'epoch:holder': 10 comes before 9."""

EXERCISE = "fence"
EXPECT = "Are epochs numbers"


def write(db, epoch, holder, item):
    token = f"{epoch}:{holder}"
    with db:
        db.execute("UPDATE fence SET holder = holder")
        last = db.execute("SELECT holder FROM fence").fetchone()[0] or ""
        if token < last or (token.split(":")[0] == last.split(":")[0] and token != last):
            return False
        db.execute("UPDATE fence SET holder = ?", (token,))
        db.execute("INSERT INTO orders (epoch, holder, item) VALUES (?, ?, ?)", (epoch, holder, item))
    return True
