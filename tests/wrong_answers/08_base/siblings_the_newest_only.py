"""Someone who wants one value in the end, and keeps the last."""

EXERCISE = "siblings"
EXPECT = "update is lost"


def compare(a, b):
    names = a.keys() | b.keys()
    less = all(a.get(name, 0) <= b.get(name, 0) for name in names)
    more = all(a.get(name, 0) >= b.get(name, 0) for name in names)
    return "equal" if less and more else "before" if less else "after" if more else "concurrent"


def reconcile(ours, theirs):
    best = (ours + theirs)[0]
    for version in ours + theirs:
        if compare(best[0], version[0]) != "after":
            best = version
    return [best]
