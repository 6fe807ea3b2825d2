"""Someone who returns from inside of the loop: the first order decides."""

from itertools import permutations

EXERCISE = "brute_force"
EXPECT = "There is an order, and brute_force finds none"


def brute_force(history, step, state):
    for order in permutations([o for o in history if o.status == "ok"]):
        for o in order:
            right, state = step(state, o)
            if not right:
                return False
        return True
    return True
