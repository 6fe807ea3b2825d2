"""Someone who takes the vector of the message in the place of the own one."""

EXERCISE = "clocks"
EXPECT = "1 of its events happened before"


def merge(vector, me, stamp):
    return stamp | {me: vector.get(me, 0) + 1}
