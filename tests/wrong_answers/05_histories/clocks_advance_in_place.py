"""Someone who counts in the dict itself: every message that carries it changes with it."""

EXERCISE = "clocks"
EXPECT = "changes the vector that it was given"


def advance(vector, me):
    vector[me] = vector.get(me, 0) + 1
    return vector
