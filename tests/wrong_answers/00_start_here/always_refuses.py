"""Never lies, for it never says anything."""

from splitbrain import Refused

EXERCISE = "decide"
EXPECT = "It refuses although 3 of 3 nodes say"


def decide(copies, nodes):
    raise Refused("I would rather not")
