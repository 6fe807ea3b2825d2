"""Right for three nodes, which is all that the lesson shows."""

from collections import Counter

from splitbrain import Refused

EXERCISE = "decide"
EXPECT = "With 4 nodes, n1 and n2 cut off from the others, it lies"


def decide(copies, nodes):
    value, votes = Counter(copies).most_common(1)[0]
    if votes >= 2:
        return value
    raise Refused("no two say the same")
