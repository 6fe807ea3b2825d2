"""Someone who keeps mean and deviation of all intervals since the start: a change is learnt after as long again."""

EXERCISE = "detector"
EXPECT = "A network changed."


class Detector:
    def __init__(self):
        self.last, self.count, self.sum, self.squares = None, 0, 0.0, 0.0

    def heartbeat(self, now):
        if self.last is not None:
            interval = now - self.last
            self.count, self.sum, self.squares = self.count + 1, self.sum + interval, self.squares + interval ** 2
        self.last = now

    def suspects(self, now):
        if not self.count:
            return False
        mean = self.sum / self.count
        return now - self.last > mean + 6 * max(self.squares / self.count - mean ** 2, 0) ** 0.5 + 1
