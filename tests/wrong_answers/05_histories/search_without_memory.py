"""Someone who has the first half of the idea: back at the first wrong answer, but no memory."""

EXERCISE = "search"
EXPECT = "asks the same things again and again"


def search(history, step, state):
    operations = [o for o in history if o.status != "fail"]

    def place(left, state):
        if all(operations[i].status != "ok" for i in left):
            return True
        for i in left:
            if all(operations[j].end is None or operations[j].end > operations[i].start for j in left):
                right, after = step(state, operations[i])
                if right and place(left - {i}, after):
                    return True
        return False

    return place(frozenset(range(len(operations))), state)
