"""Someone who takes the connection for one that commits when the function returns."""

EXERCISE = "place"
EXPECT = "left a transaction open"


def place(db, id, lamps):
    db.execute("BEGIN IMMEDIATE")
    new = db.execute("INSERT OR IGNORE INTO orders VALUES (?, ?)", (id, lamps)).rowcount == 1
    if new:
        db.execute("INSERT INTO outbox (id, lamps) VALUES (?, ?)", (id, lamps))
    return new
