"""Someone who tries to reconnect until it works."""

from splitbrain.messaging.pubsub import Lost, key_change

EXERCISE = "keep_up"
EXPECT = "did not end in keep_up(told, cache), with the server dead"
OUTCOME = "your code raised"


def keep_up(told, cache):
    while True:
        try:
            for message in told.arrived():
                cache.changed(key_change(message).key)
            return
        except Lost:
            try:
                told.reconnect()
                cache.connected()
                return
            except Lost:
                continue
