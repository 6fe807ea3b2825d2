"""Someone who sets the clock by the message, also when the message is behind."""

EXERCISE = "clocks"
EXPECT = "its clock may not run backwards"


def lamport(count, stamp=0):
    return (stamp or count) + 1
