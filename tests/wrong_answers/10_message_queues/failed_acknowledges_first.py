"""Someone who takes it off the one and then puts it onto the other: a death in between, and it is nowhere."""

EXERCISE = "failed"
EXPECT = "the message is nowhere"


def failed(client, entry, fields, deliveries, why):
    if deliveries >= 3:
        client.xack("jobs", "workers", entry)
        client.xadd("dead", {**fields, "why": why})
