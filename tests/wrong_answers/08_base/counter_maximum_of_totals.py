"""Someone who has heard that one takes the maximum, and takes it of the totals."""

EXERCISE = "counter"
EXPECT = "both additions count"


class Counter:
    def __init__(self):
        self.total = 0

    def add(self, node, amount):
        self.total += amount

    def merge(self, other):
        self.total = max(self.total, other.total)

    def value(self):
        return self.total
