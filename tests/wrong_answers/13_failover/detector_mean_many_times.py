"""Someone who is wrong too often with twice the mean, and so takes ten times the mean."""

EXERCISE = "detector"
EXPECT = "does not suspect"


class Detector:
    def __init__(self):
        self.last, self.intervals = None, []

    def heartbeat(self, now):
        if self.last is not None:
            self.intervals = [*self.intervals, now - self.last][-200:]
        self.last = now

    def suspects(self, now):
        return bool(self.intervals) and now - self.last > 10 * sum(self.intervals) / len(self.intervals)
