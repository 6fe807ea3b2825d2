"""Someone for whom the last heartbeat was at 0, before there was any."""

from statistics import fmean, pstdev

EXERCISE = "detector"
EXPECT = "Before the first heartbeat"


class Detector:
    def __init__(self):
        self.last, self.intervals = 0, []

    def heartbeat(self, now):
        self.intervals = [*self.intervals, now - self.last][-200:]
        self.last = now

    def suspects(self, now):
        if not self.intervals:
            return now - self.last > 1000
        return now - self.last > fmean(self.intervals) + 6 * pstdev(self.intervals) + 1
