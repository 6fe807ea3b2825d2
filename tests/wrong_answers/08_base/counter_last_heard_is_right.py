"""Someone who takes over the other node's counts as the newer ones: an old message takes back what was known."""

EXERCISE = "counter"
EXPECT = "took back what was known"


class Counter:
    def __init__(self):
        self.counts = {}

    def add(self, node, amount):
        self.counts[node] = self.counts.get(node, 0) + amount

    def merge(self, other):
        self.counts.update(other.counts)

    def value(self):
        return sum(self.counts.values())
