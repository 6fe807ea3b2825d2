"""Someone who looks at the clock on the wall instead of the time that is given."""

import time
from statistics import fmean, pstdev

EXERCISE = "detector"
EXPECT = "does not suspect"


class Detector:
    def __init__(self):
        self.last, self.intervals = None, []

    def heartbeat(self, now):
        if self.last is not None:
            self.intervals = [*self.intervals, 1000 * (time.monotonic() - self.last)][-200:]
        self.last = time.monotonic()

    def suspects(self, now):
        if not self.intervals:
            return False
        return 1000 * (time.monotonic() - self.last) > fmean(self.intervals) + 6 * pstdev(self.intervals) + 1000
