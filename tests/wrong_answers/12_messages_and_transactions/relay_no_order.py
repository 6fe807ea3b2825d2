"""Someone who trusts that rows come as they were written: SQLite reads them by the index that it finds."""

EXERCISE = "relay"
EXPECT = "another order than their positions"


def relay(db, client):
    for position, id, lamps in db.execute("SELECT position, id, lamps FROM outbox WHERE sent = 0").fetchall():
        client.xadd("stock", {"id": id, "lamps": lamps})
        db.execute("UPDATE outbox SET sent = 1 WHERE position = ?", (position,))
