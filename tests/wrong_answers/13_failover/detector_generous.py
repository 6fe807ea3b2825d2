"""Someone who chooses a timeout that is long enough for every network, and so detects nothing in time."""

EXERCISE = "detector"
EXPECT = "does not suspect"


class Detector:
    def __init__(self):
        self.last = None

    def heartbeat(self, now):
        self.last = now

    def suspects(self, now):
        return self.last is not None and now - self.last > 60_000
