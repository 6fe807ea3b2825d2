"""Someone whose merge changes ours, and returns nothing."""

from splitbrain.course.checks import cap

EXERCISE = "merge"
EXPECT = "is there a `return` missing?"


class Siblings(cap.Available):
    def write(self, state, operation, value):
        return {operation: value}

    def merge(self, ours, theirs):
        ours.update(theirs)

    def shown(self, state):
        return list(state.values())
