"""Someone whose state has a list for each operation, and who shows it as it is."""

from splitbrain.course.checks import cap

EXERCISE = "merge"
EXPECT = "a list of the values that were put"


class Siblings(cap.Available):
    def write(self, state, operation, value):
        return {operation: [value]}

    def merge(self, ours, theirs):
        return {**ours, **theirs}

    def shown(self, state):
        return list(state.values())
