"""Someone who would rather give an old value than an error."""

EXERCISE = "leased"
EXPECT = "does not answer"


class LeasedCache:
    def __init__(self, ask, lease, clock):
        self.ask, self.lease, self.clock = ask, lease, clock
        self.kept = {}

    def get(self, key):
        if key in self.kept and self.clock() < self.kept[key][1]:
            return self.kept[key][0]
        now = self.clock()
        try:  # noqa: SIM105
            self.kept[key] = self.ask(key), now + self.lease
        except Exception:
            pass
        return self.kept[key][0]
