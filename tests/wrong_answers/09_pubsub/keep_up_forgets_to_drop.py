"""Someone who reconnects, as many libraries do, and says nothing."""

from splitbrain.messaging.pubsub import Lost, key_change

EXERCISE = "keep_up"
EXPECT = "It will never come"


def keep_up(told, cache):
    try:
        for message in told.arrived():
            cache.changed(key_change(message).key)
    except Lost:
        told.reconnect()
