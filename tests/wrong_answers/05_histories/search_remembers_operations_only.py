"""Someone who remembers which operations were laid, and forgets that their order left the object in another state."""

EXERCISE = "search"
EXPECT = "There is an order, and search finds none"


def search(history, step, state):
    operations = [o for o in history if o.status != "fail"]
    seen = set()

    def place(left, state):
        if all(operations[i].status != "ok" for i in left):
            return True
        if left in seen:
            return False
        seen.add(left)
        for i in left:
            if all(operations[j].end is None or operations[j].end > operations[i].start for j in left):
                right, after = step(state, operations[i])
                if right and place(left - {i}, after):
                    return True
        return False

    return place(frozenset(range(len(operations))), state)
