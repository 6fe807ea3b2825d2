"""Someone who gives up at the first failure."""

EXERCISE = "failed"
EXPECT = "is a dead letter already"


def failed(client, entry, fields, deliveries, why):
    client.xadd("dead", {**fields, "why": why})
    client.xack("jobs", "workers", entry)
