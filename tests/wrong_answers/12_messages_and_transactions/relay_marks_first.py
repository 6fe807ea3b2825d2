"""Someone who fears to send twice more than not to send: marked, killed, never sent."""

EXERCISE = "relay"
EXPECT = "outbox it is sent"


def relay(db, client):
    for position, id, lamps in db.execute(
            "SELECT position, id, lamps FROM outbox WHERE sent = 0 ORDER BY position").fetchall():
        db.execute("UPDATE outbox SET sent = 1 WHERE position = ?", (position,))
        client.xadd("stock", {"id": id, "lamps": lamps})
