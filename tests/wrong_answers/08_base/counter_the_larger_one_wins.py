"""Someone who takes over the whole of the state that has counted more: a last writer who wins, in disguise."""

EXERCISE = "counter"
EXPECT = "both additions count"


class Counter:
    def __init__(self):
        self.amounts, self.times = {}, 0

    def add(self, node, amount):
        self.amounts[node] = self.amounts.get(node, 0) + amount
        self.times += 1

    def merge(self, other):
        if other.times > self.times:
            self.amounts, self.times = dict(other.amounts), other.times

    def value(self):
        return sum(self.amounts.values())
