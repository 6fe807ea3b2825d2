"""Someone who takes a value that is false for none."""

EXERCISE = "leased"
EXPECT = "both are false"


class LeasedCache:
    def __init__(self, ask, lease, clock):
        self.ask, self.lease, self.clock = ask, lease, clock
        self.kept = {}

    def get(self, key):
        value, until = self.kept.get(key, (None, 0))
        if value and self.clock() < until:
            return value
        now = self.clock()
        self.kept[key] = self.ask(key), now + self.lease
        return self.kept[key][0]
