"""Someone who puts lists into a set."""

EXERCISE = "search"
EXPECT = "unhashable type"
OUTCOME = "your code raised"


def search(history, step, state):
    operations = [o for o in history if o.status != "fail"]
    seen = set()

    def place(left, state):
        if all(operations[i].status != "ok" for i in left):
            return True
        if (sorted(left), state) in seen:
            return False
        seen.add((sorted(left), state))
        for i in left:
            if all(operations[j].end is None or operations[j].end > operations[i].start for j in left):
                right, after = step(state, operations[i])
                if right and place(left - {i}, after):
                    return True
        return False

    return place(frozenset(range(len(operations))), state)
