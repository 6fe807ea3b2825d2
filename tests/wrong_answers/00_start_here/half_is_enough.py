"""Half of the nodes, where it has to be more than half: with an even number both halves answer."""

from collections import Counter

from splitbrain import Refused

EXERCISE = "decide"
EXPECT = "With 4 nodes, n1 and n2 cut off from the others, it lies"


def decide(copies, nodes):
    value, votes = Counter(copies).most_common(1)[0]
    if votes >= nodes / 2:
        return value
    raise Refused("less than half")
