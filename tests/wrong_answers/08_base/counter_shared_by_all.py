"""Someone who writes the dict where the class is: all replicas are one."""

EXERCISE = "counter"
EXPECT = "do they share state"


class Counter:
    up, down = {}, {}

    def add(self, node, amount):
        side = self.up if amount > 0 else self.down
        side[node] = side.get(node, 0) + abs(amount)

    def merge(self, other):
        pass

    def value(self):
        return sum(self.up.values()) - sum(self.down.values())
