"""Someone who compares rightly, and then lets the vector win that counts the most writes: a last writer in disguise."""

EXERCISE = "siblings"
EXPECT = "update is lost"


def compare(a, b):
    names = a.keys() | b.keys()
    less = all(a.get(name, 0) <= b.get(name, 0) for name in names)
    more = all(a.get(name, 0) >= b.get(name, 0) for name in names)
    return "equal" if less and more else "before" if less else "after" if more else "concurrent"


def reconcile(ours, theirs):
    return [max(ours + theirs, key=lambda version: sum(version[0].values()))]
