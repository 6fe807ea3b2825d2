"""Someone who counts the tags that are there to make the next one: after a removal a tag is given twice."""

EXERCISE = "cart"
EXPECT = "Removed and added again"


class Cart:
    def __init__(self):
        self.tags, self.gone = {}, set()

    def add(self, node, element):
        self.tags[node, len(self.tags)] = element

    def remove(self, element):
        self.gone |= {tag for tag, other in self.tags.items() if other == element}
        self.merge(self)

    def merge(self, other):
        self.gone |= other.gone
        self.tags = {tag: element for tag, element in (self.tags | other.tags).items() if tag not in self.gone}

    def elements(self):
        return set(self.tags.values())
