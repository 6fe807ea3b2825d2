"""Someone who will not let one message stop the shop: the order is committed without it."""

EXERCISE = "place"
EXPECT = "stock will never hear of it"


def place(db, id, lamps):
    db.execute("BEGIN IMMEDIATE")
    try:
        new = db.execute("INSERT OR IGNORE INTO orders VALUES (?, ?)", (id, lamps)).rowcount == 1
        if new:
            db.execute("INSERT INTO outbox (id, lamps) VALUES (?, ?)", (id, lamps))
    except Exception:
        pass
    db.execute("COMMIT")
    return new
