"""Someone who looks at the clock when the answer is there."""

EXERCISE = "leased"
EXPECT = "on its way for 4 s"


class LeasedCache:
    def __init__(self, ask, lease, clock):
        self.ask, self.lease, self.clock = ask, lease, clock
        self.kept = {}

    def get(self, key):
        if key not in self.kept or self.clock() >= self.kept[key][1]:
            self.kept[key] = self.ask(key), self.clock() + self.lease
        return self.kept[key][0]
