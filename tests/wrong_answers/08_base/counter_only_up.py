"""Someone who builds the counter that only grows, and forgets the other half."""

EXERCISE = "counter"
EXPECT = "go down as well"


class Counter:
    def __init__(self):
        self.counts = {}

    def add(self, node, amount):
        self.counts[node] = self.counts.get(node, 0) + max(amount, 0)

    def merge(self, other):
        for node, count in other.counts.items():
            self.counts[node] = max(self.counts.get(node, 0), count)

    def value(self):
        return sum(self.counts.values())
