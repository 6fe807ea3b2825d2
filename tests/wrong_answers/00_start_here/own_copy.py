"""What stands in the cell: the node trusts its own copy."""

EXERCISE = "decide"
EXPECT = "With the link n1-n2 cut, it lies"


def decide(copies, nodes):
    return copies[0]
