"""Someone who adds what is heard: right once, wrong the second time."""

EXERCISE = "counter"
EXPECT = "merging has to be idempotent"


class Counter:
    def __init__(self):
        self.total = 0

    def add(self, node, amount):
        self.total += amount

    def merge(self, other):
        self.total += other.total

    def value(self):
        return self.total
