"""Someone who hands in the first judge for the second."""

from itertools import combinations, permutations

EXERCISE = "search"
EXPECT = "asks the same things again and again"


def search(history, step, state):
    sure = [o for o in history if o.status == "ok"]
    perhaps = [o for o in history if o.status == "unknown"]
    return any(fits(order, step, state) for n in range(len(perhaps) + 1) for some in combinations(perhaps, n)
               for order in permutations([*sure, *some]))


def fits(order, step, state):
    for o in order:
        right, state = step(state, o)
        if not right:
            return False
    return not any(b.end is not None and b.end < a.start for a, b in combinations(order, 2))
