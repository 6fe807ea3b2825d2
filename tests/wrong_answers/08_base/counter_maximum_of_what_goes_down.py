"""Someone who counts for each node apart, and up and down in one number."""

EXERCISE = "counter"
EXPECT = "does not believe it"


class Counter:
    def __init__(self):
        self.counts = {}

    def add(self, node, amount):
        self.counts[node] = self.counts.get(node, 0) + amount

    def merge(self, other):
        for node, amount in other.counts.items():
            self.counts[node] = max(self.counts.get(node, amount), amount)

    def value(self):
        return sum(self.counts.values())
