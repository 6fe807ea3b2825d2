"""Returns the exception where it should be raised."""

from collections import Counter

from splitbrain import Refused

EXERCISE = "decide"
EXPECT = "returns an exception instead of raising it"


def decide(copies, nodes):
    value, votes = Counter(copies).most_common(1)[0]
    return value if votes > nodes / 2 else Refused("no majority")
