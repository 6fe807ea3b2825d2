"""Someone who takes one message a call."""

from splitbrain.messaging.pubsub import Lost, key_change

EXERCISE = "keep_up"
EXPECT = "not all reached the cache"


def keep_up(told, cache):
    try:
        for message in told.arrived()[:1]:
            cache.changed(key_change(message).key)
    except Lost:
        told.reconnect()
        cache.connected()
