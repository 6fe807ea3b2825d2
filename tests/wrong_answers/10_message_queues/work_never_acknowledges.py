"""Someone who believes that what was read is done."""

EXERCISE = "work"
EXPECT = "were not acknowledged"


def work(client, once, name):
    while answer := client.xreadgroup("workers", name, {"jobs": ">"}, count=10):
        for _, fields in answer[0][1]:
            once(fields["id"], fields["amount"])
