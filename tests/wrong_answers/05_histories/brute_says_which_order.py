"""Someone who returns the order itself, which was not asked for."""

from itertools import permutations

EXERCISE = "brute_force"
EXPECT = "a list"


def brute_force(history, step, state):
    for order in permutations([o for o in history if o.status == "ok"]):
        now = state
        for o in order:
            right, now = step(now, o)
            if not right:
                break
        else:
            return list(order)
    return []
