"""Someone who forgets that a vector need not name every node."""

EXERCISE = "siblings"
EXPECT = "KeyError"
OUTCOME = "your code raised"


def compare(a, b):
    less = all(a[name] <= b[name] for name in a.keys() | b.keys())
    more = all(a[name] >= b[name] for name in a.keys() | b.keys())
    return "equal" if less and more else "before" if less else "after" if more else "concurrent"


def reconcile(ours, theirs):
    kept = []
    for version in ours + theirs:
        if version not in kept and not any(compare(version[0], other[0]) == "before" for other in ours + theirs):
            kept.append(version)
    return kept
