"""Someone who adds the two counts, since both events happened."""

EXERCISE = "clocks"
EXPECT = "n2 had counted to 1"


def lamport(count, stamp=0):
    return count + stamp + 1
