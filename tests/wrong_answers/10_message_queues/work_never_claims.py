"""Someone who reads what is new, in the right order, and leaves what a dead worker held to the dead."""

EXERCISE = "work"
EXPECT = "died long ago"


def work(client, once, name):
    while answer := client.xreadgroup("workers", name, {"jobs": ">"}, count=10):
        for entry, fields in answer[0][1]:
            once(fields["id"], fields["amount"])
            client.xack("jobs", "workers", entry)
