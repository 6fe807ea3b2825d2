"""Someone who merges dicts as dicts: where both have an entry, the last one wins."""

EXERCISE = "clocks"
EXPECT = "of its events happened before"


def merge(vector, me, stamp):
    known = vector | stamp
    return known | {me: vector.get(me, 0) + 1}
