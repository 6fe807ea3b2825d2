"""Someone who learns how long intervals are, and not how much they differ."""

EXERCISE = "detector"
EXPECT = "On the network that is jittery the node was well"


class Detector:
    def __init__(self):
        self.last, self.intervals = None, []

    def heartbeat(self, now):
        if self.last is not None:
            self.intervals = [*self.intervals, now - self.last][-200:]
        self.last = now

    def suspects(self, now):
        return bool(self.intervals) and now - self.last > 1.9 * sum(self.intervals) / len(self.intervals)
