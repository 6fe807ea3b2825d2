"""Someone who prints the value."""

EXERCISE = "counter"
EXPECT = "`return` missing"


class Counter:
    def __init__(self):
        self.total = 0

    def add(self, node, amount):
        self.total += amount

    def merge(self, other):
        pass

    def value(self):
        print(self.total)
