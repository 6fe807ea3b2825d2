"""Someone who is used to values that do not change, and returns the merged one."""

EXERCISE = "counter"
EXPECT = "merge returned a new object"


class Counter:
    def __init__(self):
        self.up, self.down = {}, {}

    def add(self, node, amount):
        side = self.up if amount > 0 else self.down
        side[node] = side.get(node, 0) + abs(amount)

    def merge(self, other):
        merged = Counter()
        for name in ("up", "down"):
            ours, theirs = getattr(self, name), getattr(other, name)
            setattr(merged, name, {node: max(ours.get(node, 0), theirs.get(node, 0)) for node in ours | theirs})
        return merged

    def value(self):
        return sum(self.up.values()) - sum(self.down.values())
