"""Someone who may lay any operation next."""

EXERCISE = "search"
EXPECT = "real time does not count"


def search(history, step, state):
    operations = [o for o in history if o.status != "fail"]
    seen = set()

    def place(left, state):
        if all(operations[i].status != "ok" for i in left):
            return True
        if (left, state) in seen:
            return False
        seen.add((left, state))
        for i in left:
            if True:
                right, after = step(state, operations[i])
                if right and place(left - {i}, after):
                    return True
        return False

    return place(frozenset(range(len(operations))), state)
