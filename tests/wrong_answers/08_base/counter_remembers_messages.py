"""Someone who remembers which states were merged, and adds up: right until news comes by a detour."""

EXERCISE = "counter"
EXPECT = "detour"


class Counter:
    def __init__(self):
        self.total, self.seen = 0, []

    def add(self, node, amount):
        self.total += amount

    def merge(self, other):
        if other.total not in self.seen:
            self.seen.append(other.total)
            self.total += other.total

    def value(self):
        return self.total
