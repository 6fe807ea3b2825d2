"""Someone who drops all, to be on the safe side."""

from splitbrain.messaging.pubsub import Lost

EXERCISE = "keep_up"
EXPECT = "Nothing was lost"


def keep_up(told, cache):
    try:
        told.arrived()
    except Lost:
        told.reconnect()
    cache.connected()
