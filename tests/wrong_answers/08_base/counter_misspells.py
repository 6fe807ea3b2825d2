"""Someone who misspells an attribute."""

EXERCISE = "counter"
EXPECT = "totl"
OUTCOME = "your code raised"


class Counter:
    def __init__(self):
        self.total = 0

    def add(self, node, amount):
        self.totl += amount

    def merge(self, other):
        pass

    def value(self):
        return self.total
