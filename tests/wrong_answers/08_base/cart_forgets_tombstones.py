"""Someone who drops the tags that are removed, and keeps no memory of them."""

EXERCISE = "cart"
EXPECT = "A removal has to travel"


class Cart:
    def __init__(self):
        self.tags = {}

    def add(self, node, element):
        self.tags[node, len(self.tags)] = element

    def remove(self, element):
        self.tags = {tag: other for tag, other in self.tags.items() if other != element}

    def merge(self, other):
        self.tags |= other.tags

    def elements(self):
        return set(self.tags.values())
