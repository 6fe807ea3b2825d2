"""Someone whose orders all go on where the one before ended: the first state is needed for each of them."""

from itertools import combinations, permutations

EXERCISE = "brute_force"
EXPECT = "and brute_force finds"


def brute_force(history, step, state):
    sure = [o for o in history if o.status == "ok"]
    perhaps = [o for o in history if o.status == "unknown"]
    for n in range(len(perhaps) + 1):
        for some in combinations(perhaps, n):
            for order in permutations([*sure, *some]):
                if any(b.end is not None and b.end < a.start for a, b in combinations(order, 2)):
                    continue
                good = True
                for o in order:
                    right, state = step(state, o)
                    good = good and right
                if good:
                    return True
    return False
