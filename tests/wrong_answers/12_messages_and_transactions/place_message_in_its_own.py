"""Someone who wants the message to be safe first, and commits it before the order."""

EXERCISE = "place"
EXPECT = "tells of an order which is not there"


def place(db, id, lamps):
    if db.execute("SELECT 1 FROM orders WHERE id = ?", (id,)).fetchone():
        return False
    db.execute("BEGIN IMMEDIATE")
    db.execute("INSERT INTO outbox (id, lamps) VALUES (?, ?)", (id, lamps))
    db.execute("COMMIT")
    db.execute("BEGIN IMMEDIATE")
    try:
        db.execute("INSERT INTO orders VALUES (?, ?)", (id, lamps))
        db.execute("COMMIT")
    except Exception:
        db.execute("ROLLBACK")
        raise
    return True
