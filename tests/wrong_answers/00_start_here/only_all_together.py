"""Never lies, and is of no use as soon as one link is down."""

from splitbrain import Refused

EXERCISE = "decide"
EXPECT = "It refuses although 2 of 3 nodes say"


def decide(copies, nodes):
    if len(copies) == nodes and len(set(copies)) == 1:
        return copies[0]
    raise Refused("they differ")
