"""Someone who counts up from 1 until a position is missing: rows are deleted, and it never gets any further."""

EXERCISE = "relay"
EXPECT = "passed over"


def relay(db, client):
    position = 1
    while row := db.execute("SELECT id, lamps, sent FROM outbox WHERE position = ?", (position,)).fetchone():
        if not row[2]:
            client.xadd("stock", {"id": row[0], "lamps": row[1]})
            db.execute("UPDATE outbox SET sent = 1 WHERE position = ?", (position,))
        position += 1
