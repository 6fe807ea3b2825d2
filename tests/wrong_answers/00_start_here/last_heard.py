"""Takes the latest arrival for the latest value."""

EXERCISE = "decide"
EXPECT = "it lies"


def decide(copies, nodes):
    return copies[-1]
