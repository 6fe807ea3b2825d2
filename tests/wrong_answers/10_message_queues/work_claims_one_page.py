"""Someone who claims once, at the start: XAUTOCLAIM brings a hundred at most, and the rest stays with the dead."""

EXERCISE = "work"
EXPECT = "120 of 130"


def work(client, once, name):
    def new():
        return [entry for _, some in client.xreadgroup("workers", name, {"jobs": ">"}, count=10) for entry in some]

    entries = client.xautoclaim("jobs", "workers", name, 60_000)[1] or new()
    while entries:
        for entry, fields in entries:
            once(fields["id"], fields["amount"])
            client.xack("jobs", "workers", entry)
        entries = new()
