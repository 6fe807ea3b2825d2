"""Someone who saves round trips: the batch is acknowledged in one command, and then done."""

EXERCISE = "work"
EXPECT = "for the stream they are done"


def work(client, once, name):
    while True:
        entries = client.xautoclaim("jobs", "workers", name, 60_000)[1]
        new = [] if entries else client.xreadgroup("workers", name, {"jobs": ">"}, count=10)
        entries += [entry for _, some in new for entry in some]
        if not entries:
            return
        client.xack("jobs", "workers", *[entry for entry, _ in entries])
        for _, fields in entries:
            once(fields["id"], fields["amount"])
