"""Someone who puts the operations into a row by their ends."""

EXERCISE = "brute_force"
EXPECT = "in which they end"


def brute_force(history, step, state):
    for o in sorted((o for o in history if o.status == "ok"), key=lambda o: o.end):
        right, state = step(state, o)
        if not right:
            return False
    return True
