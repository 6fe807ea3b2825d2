"""Someone who lets Python compare the vectors: tuples are compared by their first difference."""

EXERCISE = "clocks"
EXPECT = "has counted an event that the other has not"


def compare(v, w):
    names = sorted(v | w)
    a, b = [tuple(x.get(name, 0) for name in names) for x in (v, w)]
    return "same" if a == b else "before" if a < b else "after"
