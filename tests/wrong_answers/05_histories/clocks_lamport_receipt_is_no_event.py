"""Someone who takes over the larger count and forgets that a receipt is an event."""

EXERCISE = "clocks"
EXPECT = "sent at 1, and is received at 1"


def lamport(count, stamp=0):
    return max(count, stamp) if stamp else count + 1
