"""Someone who tests for exactly three: a worker died at the third, so the next failure is the fifth."""

EXERCISE = "failed"
EXPECT = "Delivery 5 has failed"


def failed(client, entry, fields, deliveries, why):
    if deliveries == 3:
        client.xadd("dead", {**fields, "why": why})
        client.xack("jobs", "workers", entry)
