"""Someone who wants the message to be safe first, and commits it before the order."""

EXERCISE = "place"
EXPECT = "tells of an order"


def place(db, id, lamps):
    if db.execute("SELECT 1 FROM orders WHERE id = ?", (id,)).fetchone():
        return False
    db.execute("INSERT INTO outbox (id, lamps) VALUES (?, ?)", (id, lamps))
    db.execute("INSERT INTO orders VALUES (?, ?)", (id, lamps))
    return True
