"""Someone who waits for the lease to end in a loop, by a clock that does not move meanwhile."""

EXERCISE = "leased"
EXPECT = "did not end in LeasedCache.get"
OUTCOME = "your code raised"


class LeasedCache:
    def __init__(self, ask, lease, clock):
        self.ask, self.lease, self.clock = ask, lease, clock
        self.kept = {}

    def get(self, key):
        if key not in self.kept:
            self.kept[key] = self.ask(key), self.clock() + self.lease
        while self.clock() < self.kept[key][1]:
            pass
        return self.ask(key)
