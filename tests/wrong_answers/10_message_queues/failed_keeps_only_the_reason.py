"""Someone who writes a log line instead of a letter: nobody can replay it."""

EXERCISE = "failed"
EXPECT = "nobody can replay it"


def failed(client, entry, fields, deliveries, why):
    if deliveries >= 3:
        client.xadd("dead", {"entry": entry, "why": why})
        client.xack("jobs", "workers", entry)
