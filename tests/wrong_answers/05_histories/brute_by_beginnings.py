"""Someone who puts the operations into a row by their beginnings, and plays them."""

EXERCISE = "brute_force"
EXPECT = "in which they begin"


def brute_force(history, step, state):
    for o in sorted(history, key=lambda o: o.start):
        if o.status == "ok":
            right, state = step(state, o)
            if not right:
                return False
    return True
