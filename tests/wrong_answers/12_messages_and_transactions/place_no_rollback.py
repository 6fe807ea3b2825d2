"""Someone who thinks of the process that dies, and not of the one that lives on after an error."""

EXERCISE = "place"
EXPECT = "still open"


def place(db, id, lamps):
    db.execute("BEGIN IMMEDIATE")
    new = db.execute("INSERT OR IGNORE INTO orders VALUES (?, ?)", (id, lamps)).rowcount == 1
    if new:
        db.execute("INSERT INTO outbox (id, lamps) VALUES (?, ?)", (id, lamps))
    db.execute("COMMIT")
    return new
