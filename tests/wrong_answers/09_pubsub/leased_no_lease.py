"""Someone who keeps what was asked for, for ever."""

EXERCISE = "leased"
EXPECT = "The lease is over"


class LeasedCache:
    def __init__(self, ask, lease, clock):
        self.ask, self.lease, self.clock = ask, lease, clock
        self.kept = {}

    def get(self, key):
        if key not in self.kept:
            self.kept[key] = self.ask(key)
        return self.kept[key]
