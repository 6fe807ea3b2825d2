"""Someone who looks after a restart at what was pending for this consumer's own name: a dead one never restarts."""

EXERCISE = "work"
EXPECT = "died long ago"


def work(client, once, name):
    for start in ("0", ">"):
        while answer := client.xreadgroup("workers", name, {"jobs": start}, count=10):
            if not answer[0][1]:
                break
            for entry, fields in answer[0][1]:
                once(fields["id"], fields["amount"])
                client.xack("jobs", "workers", entry)
