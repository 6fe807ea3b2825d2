"""Someone who notes that a node is dead, and has no line that takes it back."""

from statistics import fmean, pstdev

EXERCISE = "detector"
EXPECT = "is never trusted again"


class Detector:
    def __init__(self):
        self.last, self.intervals, self.dead = None, [], False

    def heartbeat(self, now):
        if self.last is not None:
            self.intervals = [*self.intervals, now - self.last][-200:]
        self.last = now

    def suspects(self, now):
        if self.intervals and now - self.last > fmean(self.intervals) + 2 * pstdev(self.intervals):
            self.dead = True
        return self.dead
