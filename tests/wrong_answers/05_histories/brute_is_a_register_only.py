"""Someone who writes what a register does into the judge, and never asks step."""

from itertools import combinations, permutations

EXERCISE = "brute_force"
EXPECT = "This one is a queue"


def brute_force(history, step, state):
    sure = [o for o in history if o.status == "ok"]
    perhaps = [o for o in history if o.status == "unknown"]
    return any(fits(order) for n in range(len(perhaps) + 1) for some in combinations(perhaps, n)
               for order in permutations([*sure, *some]))


def fits(order):
    if any(b.end is not None and b.end < a.start for a, b in combinations(order, 2)):
        return False
    held = None
    for o in order:
        if o.f == "write":
            held = o.value
        elif o.f == "read" and o.status == "ok" and o.result != held:
            return False
    return True
