"""Someone who compares how many writes are known, not which."""

EXERCISE = "siblings"
EXPECT = "Neither came first"


def compare(a, b):
    if sum(a.values()) == sum(b.values()):
        return "equal"
    return "before" if sum(a.values()) < sum(b.values()) else "after"


def reconcile(ours, theirs):
    kept = []
    for version in ours + theirs:
        if version not in kept and not any(compare(version[0], other[0]) == "before" for other in ours + theirs):
            kept.append(version)
    return kept
