"""Someone who takes two vectors for equal only if the dicts are."""

EXERCISE = "siblings"
EXPECT = "A node that is not named counts as 0"


def compare(a, b):
    if a == b:
        return "equal"
    less = all(count <= b.get(name, 0) for name, count in a.items())
    more = all(count <= a.get(name, 0) for name, count in b.items())
    return "before" if less else "after" if more else "concurrent"


def reconcile(ours, theirs):
    kept = []
    for version in ours + theirs:
        if version not in kept and not any(compare(version[0], other[0]) == "before" for other in ours + theirs):
            kept.append(version)
    return kept
