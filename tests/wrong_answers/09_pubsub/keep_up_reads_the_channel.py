"""Someone who takes the name of the channel for the key."""

from splitbrain.messaging.pubsub import Lost

EXERCISE = "keep_up"
EXPECT = "not all reached the cache"


def keep_up(told, cache):
    try:
        for message in told.arrived():
            cache.changed(message.channel)
    except Lost:
        told.reconnect()
        cache.connected()
