"""Someone who forgets a removal as soon as it was applied: the next old message brings the milk back."""

import uuid

EXERCISE = "cart"
EXPECT = "What was removed is back"


class Cart:
    def __init__(self):
        self.tags, self.gone = {}, set()

    def add(self, node, element):
        self.tags[uuid.uuid4()] = element

    def remove(self, element):
        self.gone |= {tag for tag, other in self.tags.items() if other == element}
        self.tags = {tag: other for tag, other in self.tags.items() if other != element}

    def merge(self, other):
        self.gone = {tag for tag in self.gone | other.gone if tag in self.tags and tag not in self.gone}
        self.tags = {tag: element for tag, element in (self.tags | other.tags).items() if tag not in self.gone}

    def elements(self):
        return set(self.tags.values())
