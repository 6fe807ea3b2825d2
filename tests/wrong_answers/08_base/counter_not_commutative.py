"""Someone who merges only what is there already: news of a node that is not known yet is dropped."""

EXERCISE = "counter"
EXPECT = "both additions count"


class Counter:
    def __init__(self):
        self.up, self.down = {}, {}

    def add(self, node, amount):
        side = self.up if amount > 0 else self.down
        side[node] = side.get(node, 0) + abs(amount)

    def merge(self, other):
        for mine, theirs in ((self.up, other.up), (self.down, other.down)):
            for node in mine:
                mine[node] = max(mine[node], theirs.get(node, 0))

    def value(self):
        return sum(self.up.values()) - sum(self.down.values())
