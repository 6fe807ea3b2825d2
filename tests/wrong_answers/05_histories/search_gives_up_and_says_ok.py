"""Someone who bounds the effort, and says that it is well when the effort ends: gave up is not ok."""

EXERCISE = "search"
EXPECT = "On a history of"


def search(history, step, state):
    operations = [o for o in history if o.status != "fail"]
    seen, effort = set(), [0]

    def place(left, state):
        effort[0] += 1
        if effort[0] > 100 or all(operations[i].status != "ok" for i in left):
            return True
        if (left, state) in seen:
            return False
        seen.add((left, state))
        for i in left:
            if all(operations[j].end is None or operations[j].end > operations[i].start for j in left):
                right, after = step(state, operations[i])
                if right and place(left - {i}, after):
                    return True
        return False

    return place(frozenset(range(len(operations))), state)
