"""Someone who merges two sets by their union: a removal never travels."""

EXERCISE = "cart"
EXPECT = "A removal has to travel"


class Cart:
    def __init__(self):
        self.items = set()

    def add(self, node, element):
        self.items.add(element)

    def remove(self, element):
        self.items.discard(element)

    def merge(self, other):
        self.items |= other.items

    def elements(self):
        return set(self.items)
