"""Someone who claims with an idle time of 0, so that nothing ever waits: not for those who are at it, either."""

EXERCISE = "work"
EXPECT = "is busy with them"


def work(client, once, name):
    while True:
        entries = client.xautoclaim("jobs", "workers", name, 0)[1]
        new = [] if entries else client.xreadgroup("workers", name, {"jobs": ">"}, count=10)
        entries += [entry for _, some in new for entry in some]
        if not entries:
            return
        for entry, fields in entries:
            once(fields["id"], fields["amount"])
            client.xack("jobs", "workers", entry)
