"""Someone who builds a two-phase set: what was removed once is never in it again."""

EXERCISE = "cart"
EXPECT = "add wins"


class Cart:
    def __init__(self):
        self.added, self.removed = set(), set()

    def add(self, node, element):
        self.added.add(element)

    def remove(self, element):
        if element in self.added:
            self.removed.add(element)

    def merge(self, other):
        self.added |= other.added
        self.removed |= other.removed

    def elements(self):
        return self.added - self.removed
