"""Someone who thinks that a vector names all nodes from the start."""

EXERCISE = "clocks"
EXPECT = "KeyError"
OUTCOME = "your code raised"


def advance(vector, me):
    return vector | {me: vector[me] + 1}
