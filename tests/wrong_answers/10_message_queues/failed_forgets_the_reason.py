"""Someone who keeps the message and not why it failed."""

EXERCISE = "failed"
EXPECT = "does not say why"


def failed(client, entry, fields, deliveries, why):
    if deliveries >= 3:
        client.xadd("dead", fields)
        client.xack("jobs", "workers", entry)
