"""Someone who tags each element with the node that added it, so that a second addition looks like the first."""

EXERCISE = "cart"
EXPECT = "n1 has added it again"


class Cart:
    def __init__(self):
        self.added, self.gone = set(), set()

    def add(self, node, element):
        self.added.add((node, element))
        self.gone.discard((node, element))

    def remove(self, element):
        self.gone |= {tag for tag in self.added if tag[1] == element}

    def merge(self, other):
        self.added |= other.added
        self.gone |= other.gone

    def elements(self):
        return {element for node, element in self.added - self.gone}
