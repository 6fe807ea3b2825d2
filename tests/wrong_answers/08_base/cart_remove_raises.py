"""Someone who lets a removal of what is not there raise."""

EXERCISE = "cart"
EXPECT = "in Cart.remove"
OUTCOME = "your code raised"


class Cart:
    def __init__(self):
        self.items = set()

    def add(self, node, element):
        self.items.add(element)

    def remove(self, element):
        self.items.remove(element)

    def merge(self, other):
        self.items |= other.items

    def elements(self):
        return set(self.items)
