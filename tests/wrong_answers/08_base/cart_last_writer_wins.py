"""Someone who gives every change a logical time and lets the later one win: then a removal beats what it never saw."""

EXERCISE = "cart"
EXPECT = "neither knew of the other: add wins"


class Cart:
    def __init__(self):
        self.time, self.changes = 0, {}

    def add(self, node, element):
        self.time += 1
        self.changes[element] = self.time, True

    def remove(self, element):
        if element in self.changes:
            self.time += 1
            self.changes[element] = self.time, False

    def merge(self, other):
        self.time = max(self.time, other.time)
        for element, change in other.changes.items():
            self.changes[element] = max(self.changes.get(element, (0, False)), change)

    def elements(self):
        return {element for element, (_, there) in self.changes.items() if there}
