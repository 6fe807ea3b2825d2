"""Someone who writes the worker as a service: it waits for the next message for ever."""

EXERCISE = "work"
EXPECT = "did not end"


def work(client, once, name):
    while True:
        entries = client.xautoclaim("jobs", "workers", name, 60_000)[1]
        answer = client.xreadgroup("workers", name, {"jobs": ">"}, count=10, block=100)
        for entry, fields in entries + [e for _, some in answer for e in some]:
            once(fields["id"], fields["amount"])
            client.xack("jobs", "workers", entry)
