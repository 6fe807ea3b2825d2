"""Believes that seats only ever get fewer."""

EXERCISE = "decide"
EXPECT = "it lies"


def decide(copies, nodes):
    return min(copies)
