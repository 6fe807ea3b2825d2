"""Someone who ignores the row that is there, and writes the message all the same."""

EXERCISE = "place"
EXPECT = "2 messages tell of it"


def place(db, id, lamps):
    db.execute("BEGIN IMMEDIATE")
    try:
        new = db.execute("INSERT OR IGNORE INTO orders VALUES (?, ?)", (id, lamps)).rowcount
        db.execute("INSERT INTO outbox (id, lamps) VALUES (?, ?)", (id, lamps))
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise
    return new == 1
