"""Someone who takes whatever is told."""

from splitbrain.course.checks import cap

EXERCISE = "merge"
EXPECT = "A write is lost"


class Siblings(cap.Available):
    def write(self, state, operation, value):
        return {operation: value}

    def merge(self, ours, theirs):
        return theirs

    def shown(self, state):
        return list(state.values())
