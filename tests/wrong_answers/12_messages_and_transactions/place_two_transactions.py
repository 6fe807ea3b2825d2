"""Someone to whom two INSERTs, one after the other, are one thing: each commits by itself."""

EXERCISE = "place"
EXPECT = "stock will never hear of it"


def place(db, id, lamps):
    new = db.execute("INSERT OR IGNORE INTO orders VALUES (?, ?)", (id, lamps)).rowcount == 1
    if new:
        db.execute("INSERT INTO outbox (id, lamps) VALUES (?, ?)", (id, lamps))
    return new
