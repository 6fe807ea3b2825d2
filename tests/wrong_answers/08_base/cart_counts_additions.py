"""Someone who counts how often an element was added and removed, in counters that merge: a removal hits others."""

EXERCISE = "cart"
EXPECT = "add wins"


class Cart:
    def __init__(self):
        self.added, self.removed = {}, {}

    def add(self, node, element):
        self.added[element] = self.added.get(element, 0) + 1

    def remove(self, element):
        self.removed[element] = self.added.get(element, 0)

    def merge(self, other):
        for mine, theirs in ((self.added, other.added), (self.removed, other.removed)):
            for element, count in theirs.items():
                mine[element] = max(mine.get(element, 0), count)

    def elements(self):
        return {element for element, count in self.added.items() if count > self.removed.get(element, 0)}
