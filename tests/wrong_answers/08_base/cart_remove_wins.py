"""Someone who keeps what was removed by its name: nobody can ever add it again."""

EXERCISE = "cart"
EXPECT = "add wins"


class Cart:
    def __init__(self):
        self.added, self.removed = set(), set()

    def add(self, node, element):
        self.added.add(element)
        self.removed.discard(element)

    def remove(self, element):
        if element in self.added:
            self.removed.add(element)

    def merge(self, other):
        self.added |= other.added
        self.removed |= other.removed

    def elements(self):
        return self.added - self.removed
