"""Someone who numbers the versions and keeps those with the largest number: siblings with the same one only."""

from splitbrain.course.checks import cap

EXERCISE = "merge"
EXPECT = "A write is lost"


class Siblings(cap.Available):
    def write(self, state, operation, value):
        return [(state[0] if state else 0) + 1, {operation: value}]

    def merge(self, ours, theirs):
        if ours[0] == theirs[0]:
            return [ours[0], {**ours[1], **theirs[1]}]
        return max(ours, theirs, key=lambda state: state[0])

    def shown(self, state):
        return list(state[1].values())
