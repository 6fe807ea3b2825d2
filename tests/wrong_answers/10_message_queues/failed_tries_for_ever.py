"""Someone who never gives up: the message is pending, so it will be tried again."""

EXERCISE = "failed"
EXPECT = "tried for ever"


def failed(client, entry, fields, deliveries, why):
    print("failed again:", why)
