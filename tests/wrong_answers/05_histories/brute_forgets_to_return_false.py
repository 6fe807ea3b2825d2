"""Someone whose function ends without an answer when no order fits."""

from itertools import permutations

EXERCISE = "brute_force"
EXPECT = "is there a `return` missing?"


def brute_force(history, step, state):  # noqa: RET503  (the missing one is the mistake)
    for order in permutations([o for o in history if o.status == "ok"]):
        now, good = state, True
        for o in order:
            right, now = step(now, o)
            good = good and right
        if good:
            return True
