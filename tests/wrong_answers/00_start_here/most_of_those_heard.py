"""Takes a majority of those that answered for a majority of all."""

from collections import Counter

from splitbrain import Refused

EXERCISE = "decide"
EXPECT = "With the links n1-n2 and n1-n3 cut, it lies"


def decide(copies, nodes):
    value, votes = Counter(copies).most_common(1)[0]
    if votes > len(copies) / 2:
        return value
    raise Refused("no majority")
