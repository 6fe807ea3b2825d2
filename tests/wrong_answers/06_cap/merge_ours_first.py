"""Someone who keeps what is here, and takes the other one only if there is nothing: not commutative."""

from splitbrain.course.checks import cap

EXERCISE = "merge"
EXPECT = "A write is lost"


class Siblings(cap.Available):
    def write(self, state, operation, value):
        return {operation: value}

    def merge(self, ours, theirs):
        return ours or theirs

    def shown(self, state):
        return list(state.values())
