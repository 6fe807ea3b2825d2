"""Someone who hopes that there is no cut."""

from splitbrain.messaging.pubsub import key_change

EXERCISE = "keep_up"
EXPECT = "raised Lost"
OUTCOME = "your code raised"


def keep_up(told, cache):
    for message in told.arrived():
        cache.changed(key_change(message).key)
