"""Someone who removes one tag of the element, and leaves the others."""

EXERCISE = "cart"
EXPECT = "removed once by one who saw both"


class Cart:
    def __init__(self):
        self.tags, self.gone, self.count = {}, set(), 0

    def add(self, node, element):
        self.count += 1
        self.tags[node, self.count] = element

    def remove(self, element):
        for tag, other in self.tags.items():
            if other == element and tag not in self.gone:
                self.gone.add(tag)
                break

    def merge(self, other):
        self.gone |= other.gone
        self.tags |= other.tags

    def elements(self):
        return {element for tag, element in self.tags.items() if tag not in self.gone}
