"""Someone who remembers the highest position that was sent: what is below it and was not is never looked at."""

EXERCISE = "relay"
EXPECT = "passed over"


def relay(db, client):
    last = db.execute("SELECT coalesce(max(position), 0) FROM outbox WHERE sent = 1").fetchone()[0]
    for position, id, lamps in db.execute(
            "SELECT position, id, lamps FROM outbox WHERE position > ? ORDER BY position", (last,)).fetchall():
        client.xadd("stock", {"id": id, "lamps": lamps})
        db.execute("UPDATE outbox SET sent = 1 WHERE position = ?", (position,))
