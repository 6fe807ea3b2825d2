"""Someone who forgets to return what was asked for."""

EXERCISE = "leased"
EXPECT = "Redis holds 3"


class LeasedCache:
    def __init__(self, ask, lease, clock):
        self.ask, self.lease, self.clock = ask, lease, clock
        self.kept = {}

    def get(self, key):  # noqa: RET503
        if key in self.kept and self.clock() < self.kept[key][1]:
            return self.kept[key][0]
        self.kept[key] = self.ask(key), self.clock() + self.lease
