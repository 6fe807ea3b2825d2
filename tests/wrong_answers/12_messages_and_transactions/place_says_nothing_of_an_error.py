"""Someone who rolls back, and returns False: the customer is told that the order was there already."""

EXERCISE = "place"
EXPECT = "as if nothing had happened"


def place(db, id, lamps):
    db.execute("BEGIN IMMEDIATE")
    try:
        new = db.execute("INSERT OR IGNORE INTO orders VALUES (?, ?)", (id, lamps)).rowcount == 1
        if new:
            db.execute("INSERT INTO outbox (id, lamps) VALUES (?, ?)", (id, lamps))
        db.execute("COMMIT")
    except Exception:
        db.execute("ROLLBACK")
        return False
    return new
