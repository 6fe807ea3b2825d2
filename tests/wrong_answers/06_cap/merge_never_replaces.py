"""Someone who loses nothing, not even what was replaced."""

from splitbrain.course.checks import cap

EXERCISE = "merge"
EXPECT = "It has come back"


class Siblings(cap.Available):
    def write(self, state, operation, value):
        return {**(state or {}), operation: value}

    def merge(self, ours, theirs):
        return {**ours, **theirs}

    def shown(self, state):
        return list(state.values())
