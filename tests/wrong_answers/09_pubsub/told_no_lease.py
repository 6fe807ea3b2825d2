"""Someone who relies on being told."""

EXERCISE = "told"
EXPECT = "The lease is over"


class ToldCache:
    def __init__(self, ask, lease, clock):
        self.ask, self.lease, self.clock = ask, lease, clock
        self.kept, self.dropped = {}, set()

    def get(self, key):
        if key in self.kept:
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
        self.dropped |= {"lamp", "vase"}
        self.kept.clear()
