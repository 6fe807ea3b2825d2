"""Someone who retries by a new entry: its deliveries are counted from 1 again, so it is never tried often enough."""

EXERCISE = "failed"
EXPECT = "go on being counted"


def failed(client, entry, fields, deliveries, why):
    if deliveries >= 3:
        client.xadd("dead", {**fields, "why": why})
    else:
        client.xadd("jobs", fields)
    client.xack("jobs", "workers", entry)
