"""Someone whose dict is an attribute of the class."""

EXERCISE = "leased"
EXPECT = "share what they keep"


class LeasedCache:
    kept = {}

    def __init__(self, ask, lease, clock):
        self.ask, self.lease, self.clock = ask, lease, clock

    def get(self, key):
        if key not in self.kept or self.clock() >= self.kept[key][1]:
            now = self.clock()
            self.kept[key] = self.ask(key), now + self.lease
        return self.kept[key][0]
