"""Someone who found the timeout that suits the quick networks, and has not seen a slow one."""

EXERCISE = "detector"
EXPECT = "slow and steady"


class Detector:
    def __init__(self):
        self.last = None

    def heartbeat(self, now):
        self.last = now

    def suspects(self, now):
        return self.last is not None and now - self.last > 190
