"""Someone who reads with NOACK, and has no more trouble with pending messages."""

EXERCISE = "work"
EXPECT = "for the stream they are done"


def work(client, once, name):
    while True:
        entries = client.xautoclaim("jobs", "workers", name, 60_000)[1]
        entries = entries or [e for _, some in client.xreadgroup("workers", name, {"jobs": ">"}, count=1, noack=True)
                              for e in some]
        if not entries:
            return
        for entry, fields in entries:
            once(fields["id"], fields["amount"])
            client.xack("jobs", "workers", entry)
