"""Someone who gives back the values without their vectors."""

EXERCISE = "siblings"
EXPECT = "expected"


def compare(a, b):
    names = a.keys() | b.keys()
    less = all(a.get(name, 0) <= b.get(name, 0) for name in names)
    more = all(a.get(name, 0) >= b.get(name, 0) for name in names)
    return "equal" if less and more else "before" if less else "after" if more else "concurrent"


def reconcile(ours, theirs):
    every = ours + theirs
    return sorted({v[1] for v in every if not any(compare(v[0], other[0]) == "before" for other in every)})
