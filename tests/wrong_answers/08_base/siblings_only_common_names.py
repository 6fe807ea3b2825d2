"""Someone who looks at the nodes that both name."""

EXERCISE = "siblings"
EXPECT = "knows as well, and more"


def compare(a, b):
    names = a.keys() & b.keys()
    less = all(a[name] <= b[name] for name in names)
    more = all(a[name] >= b[name] for name in names)
    return "equal" if less and more else "before" if less else "after" if more else "concurrent"


def reconcile(ours, theirs):
    kept = []
    for version in ours + theirs:
        if version not in kept and not any(compare(version[0], other[0]) == "before" for other in ours + theirs):
            kept.append(version)
    return kept
