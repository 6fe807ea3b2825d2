"""Someone who thinks that being connected again mends what was missed."""

EXERCISE = "told"
EXPECT = "published to nobody"


class ToldCache:
    def __init__(self, ask, lease, clock):
        self.ask, self.lease, self.clock = ask, lease, clock
        self.kept, self.dropped = {}, set()

    def get(self, key):
        if key in self.kept and self.clock() < self.kept[key][1]:
            return self.kept[key][0]
        now = self.clock()
        self.dropped.discard(key)
        value = self.ask(key)
        if key not in self.dropped:
            self.kept[key] = value, now + self.lease
        return value

    def changed(self, key):
        self.dropped.add(key)
        self.kept.pop(key, None)

    def connected(self):
        pass
