"""Someone who takes the larger of each and forgets that a receipt is an event, too."""

EXERCISE = "clocks"
EXPECT = "grows by one"


def merge(vector, me, stamp):
    return {name: max(vector.get(name, 0), stamp.get(name, 0)) for name in vector | stamp}
