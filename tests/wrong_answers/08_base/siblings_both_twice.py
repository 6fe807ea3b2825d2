"""Someone who joins the two lists, and has what both had twice."""

EXERCISE = "siblings"
EXPECT = "is there twice"


def compare(a, b):
    names = a.keys() | b.keys()
    less = all(a.get(name, 0) <= b.get(name, 0) for name in names)
    more = all(a.get(name, 0) >= b.get(name, 0) for name in names)
    return "equal" if less and more else "before" if less else "after" if more else "concurrent"


def reconcile(ours, theirs):
    every = ours + theirs
    return [v for v in every if not any(compare(v[0], other[0]) == "before" for other in every)]
