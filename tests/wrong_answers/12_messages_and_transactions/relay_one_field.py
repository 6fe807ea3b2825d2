"""Someone who sends the id only, and lets stock ask for the rest."""

EXERCISE = "relay"
EXPECT = "are not what stock reads"


def relay(db, client):
    for position, id in db.execute("SELECT position, id FROM outbox WHERE sent = 0 ORDER BY position").fetchall():
        client.xadd("stock", {"id": id})
        db.execute("UPDATE outbox SET sent = 1 WHERE position = ?", (position,))
