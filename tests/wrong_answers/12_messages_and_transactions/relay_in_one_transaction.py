"""Someone who has learned that a transaction is safe, and holds one while talking to Redis."""

EXERCISE = "relay"
EXPECT = "the shop cannot take an order"


def relay(db, client):
    db.execute("BEGIN IMMEDIATE")
    try:
        for position, id, lamps in db.execute(
                "SELECT position, id, lamps FROM outbox WHERE sent = 0 ORDER BY position").fetchall():
            client.xadd("stock", {"id": id, "lamps": lamps})
            db.execute("UPDATE outbox SET sent = 1 WHERE position = ?", (position,))
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise
