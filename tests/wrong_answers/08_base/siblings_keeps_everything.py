"""Someone who only takes away what is there twice."""

EXERCISE = "siblings"
EXPECT = "is still there"


def compare(a, b):
    names = a.keys() | b.keys()
    less = all(a.get(name, 0) <= b.get(name, 0) for name in names)
    more = all(a.get(name, 0) >= b.get(name, 0) for name in names)
    return "equal" if less and more else "before" if less else "after" if more else "concurrent"


def reconcile(ours, theirs):
    return ours + [version for version in theirs if version not in ours]
