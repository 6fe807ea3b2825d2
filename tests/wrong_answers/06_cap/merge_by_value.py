"""Someone who remembers values that were replaced, not writes: tea can never be put again."""

from splitbrain.course.checks import cap

EXERCISE = "merge"
EXPECT = "A write is lost"


class Siblings(cap.Available):
    def write(self, state, operation, value):
        old = state or [[], []]
        return [[value], sorted({*old[0], *old[1]} - {value})]

    def merge(self, ours, theirs):
        gone = {*ours[1], *theirs[1]}
        return [sorted({*ours[0], *theirs[0]} - gone), sorted(gone)]

    def shown(self, state):
        return state[0]
