"""Someone who writes the dead letter and leaves the message pending: it will be one again and again."""

EXERCISE = "failed"
EXPECT = "still pending"


def failed(client, entry, fields, deliveries, why):
    if deliveries >= 3:
        client.xadd("dead", {**fields, "why": why})
