"""Someone who keeps the lesson's rule: the larger tag wins."""

from splitbrain.course.checks import cap

EXERCISE = "merge"
EXPECT = "A write is lost"


class Siblings(cap.Available):
    def write(self, state, operation, value):
        return [(state[0] if state else 0) + 1, operation, value]

    def merge(self, ours, theirs):
        return max(ours, theirs)

    def shown(self, state):
        return [state[2]]
