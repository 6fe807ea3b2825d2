"""Asks how many answered, not what they said."""

from splitbrain import Refused

EXERCISE = "decide"
EXPECT = "c2 read seats = 1 after c1 had written seats = 0"


def decide(copies, nodes):
    if len(copies) > nodes / 2:
        return copies[0]
    raise Refused("too few answered")
