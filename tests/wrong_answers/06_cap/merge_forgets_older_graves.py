"""Someone who remembers only what the last put replaced."""

from splitbrain.course.checks import cap

EXERCISE = "merge"
EXPECT = "It has come back"


class Siblings(cap.Available):
    def write(self, state, operation, value):
        old = state or [{}, []]
        return [{operation: value}, sorted(old[0])]

    def merge(self, ours, theirs):
        gone = {*ours[1], *theirs[1]}
        both = {**ours[0], **theirs[0]}
        return [{one: both[one] for one in both if one not in gone}, sorted(ours[1])]

    def shown(self, state):
        return list(state[0].values())
