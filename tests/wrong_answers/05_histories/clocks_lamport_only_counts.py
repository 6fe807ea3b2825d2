"""Someone for whom a Lamport clock is a counter of one's own events: what the message brings is ignored."""

EXERCISE = "clocks"
EXPECT = "sent at 1, and is received at 1"


def lamport(count, stamp=0):
    return count + 1
