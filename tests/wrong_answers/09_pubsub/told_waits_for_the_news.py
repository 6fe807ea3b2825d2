"""Someone who asks again and again until nobody says that the key has changed meanwhile, and never forgets the news."""

EXERCISE = "told"
EXPECT = "did not end in ToldCache.get"
OUTCOME = "your code raised"


class ToldCache:
    def __init__(self, ask, lease, clock):
        self.ask, self.lease, self.clock = ask, lease, clock
        self.kept, self.dropped = {}, set()

    def get(self, key):
        if key in self.kept and self.clock() < self.kept[key][1]:
            return self.kept[key][0]
        while True:
            now, value = self.clock(), self.ask(key)
            if key not in self.dropped:
                self.kept[key] = value, now + self.lease
                return value

    def changed(self, key):
        self.dropped.add(key)
        self.kept.pop(key, None)

    def connected(self):
        self.dropped |= set(self.kept)
        self.kept.clear()
