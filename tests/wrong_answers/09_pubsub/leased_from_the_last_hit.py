"""Someone who renews the lease whenever the value is used, as a session is renewed."""

EXERCISE = "leased"
EXPECT = "Who is read often stays old"


class LeasedCache:
    def __init__(self, ask, lease, clock):
        self.ask, self.lease, self.clock = ask, lease, clock
        self.kept = {}

    def get(self, key):
        if key in self.kept and self.clock() < self.kept[key][1]:
            self.kept[key] = self.kept[key][0], self.clock() + self.lease
            return self.kept[key][0]
        now = self.clock()
        self.kept[key] = self.ask(key), now + self.lease
        return self.kept[key][0]
