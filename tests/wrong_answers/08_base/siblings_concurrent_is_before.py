"""Someone for whom whatever is not after is before."""

EXERCISE = "siblings"
EXPECT = "Neither came first"


def compare(a, b):
    names = a.keys() | b.keys()
    if all(a.get(name, 0) == b.get(name, 0) for name in names):
        return "equal"
    return "after" if all(a.get(name, 0) >= b.get(name, 0) for name in names) else "before"


def reconcile(ours, theirs):
    kept = []
    for version in ours + theirs:
        if version not in kept and not any(compare(version[0], other[0]) == "before" for other in ours + theirs):
            kept.append(version)
    return kept
