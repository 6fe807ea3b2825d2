"""Someone for whom a timeout is a failure."""

from itertools import combinations, permutations

EXERCISE = "brute_force"
EXPECT = "never happened"


def brute_force(history, step, state):
    sure = [o for o in history if o.status == "ok"]
    perhaps = []
    return any(fits(order, step, state) for n in range(len(perhaps) + 1) for some in combinations(perhaps, n)
               for order in permutations([*sure, *some]))


def fits(order, step, state):
    if any(b.end is not None and b.end < a.start for a, b in combinations(order, 2)):
        return False
    for o in order:
        right, state = step(state, o)
        if not right:
            return False
    return True
