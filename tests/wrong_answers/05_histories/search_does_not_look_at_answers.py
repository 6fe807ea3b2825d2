"""Someone who goes on to the next state whether or not the answer was right."""

EXERCISE = "search"
EXPECT = "There is no order, and search finds one"


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
            if all(operations[j].end is None or operations[j].end > operations[i].start for j in left):
                _, after = step(state, operations[i])
                if place(left - {i}, after):
                    return True
        return False

    return place(frozenset(range(len(operations))), state)
