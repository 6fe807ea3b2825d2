"""Someone who acknowledges on receipt, as one does with a letter: the death after it takes the message along."""

EXERCISE = "work"
EXPECT = "for the stream they are done"


def work(client, once, name):
    while True:
        entries = client.xautoclaim("jobs", "workers", name, 60_000)[1]
        entries = entries or [e for _, some in client.xreadgroup("workers", name, {"jobs": ">"}, count=1) for e in some]
        if not entries:
            return
        for entry, fields in entries:
            client.xack("jobs", "workers", entry)
            once(fields["id"], fields["amount"])
