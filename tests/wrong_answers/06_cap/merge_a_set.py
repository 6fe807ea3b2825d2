"""Someone whose state is a set."""

from splitbrain.course.checks import cap

EXERCISE = "merge"
EXPECT = "what no message can carry"


class Siblings(cap.Available):
    def write(self, state, operation, value):
        return {operation}

    def merge(self, ours, theirs):
        return ours | theirs

    def shown(self, state):
        return list(state)
