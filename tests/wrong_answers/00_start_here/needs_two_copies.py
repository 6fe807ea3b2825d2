"""Compares the first two copies, and never thought of hearing only its own."""

from splitbrain import Refused

EXERCISE = "decide"
EXPECT = "Your code raised IndexError in decide([1], 3)"
OUTCOME = "your code raised"


def decide(copies, nodes):
    if copies[0] == copies[1]:
        return copies[0]
    raise Refused("they differ")
