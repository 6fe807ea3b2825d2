"""Someone who knows that 300 ms is a good timeout: it was, on that network."""

EXERCISE = "detector"
EXPECT = "does not suspect"


class Detector:
    def __init__(self):
        self.last = None

    def heartbeat(self, now):
        self.last = now

    def suspects(self, now):
        return self.last is not None and now - self.last > 300
