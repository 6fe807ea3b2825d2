"""Someone who remembers the keys that were named, and forgets that a gap names none."""

EXERCISE = "told"
EXPECT = "made again while the answer"


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
        self.kept.clear()
