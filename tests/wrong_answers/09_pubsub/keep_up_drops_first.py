"""Someone who drops all at once, and subscribes then."""

from splitbrain.messaging.pubsub import Lost, key_change

EXERCISE = "keep_up"
EXPECT = "just before the subscription stood again"


def keep_up(told, cache):
    try:
        for message in told.arrived():
            cache.changed(key_change(message).key)
    except Lost:
        cache.connected()
        told.reconnect()
