"""Someone who keeps what was sent in the process: the next relay sends all of it again."""

EXERCISE = "relay"
EXPECT = "Sent again, although nothing had gone wrong"


sent = set()


def relay(db, client):
    for position, id, lamps in db.execute("SELECT position, id, lamps FROM outbox ORDER BY position").fetchall():
        if position not in sent:
            client.xadd("stock", {"id": id, "lamps": lamps})
            sent.add(position)
