"""Someone who leaves out the message that could not be sent, and sends those behind it: order lost."""

import redis

EXERCISE = "relay"
EXPECT = "another order than their positions"


def relay(db, client):
    for position, id, lamps in db.execute(
            "SELECT position, id, lamps FROM outbox WHERE sent = 0 ORDER BY position").fetchall():
        try:
            client.xadd("stock", {"id": id, "lamps": lamps})
        except redis.ConnectionError:
            continue
        db.execute("UPDATE outbox SET sent = 1 WHERE position = ?", (position,))
