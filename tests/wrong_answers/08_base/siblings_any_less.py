"""Someone who writes any for all: one smaller entry is enough."""

EXERCISE = "siblings"
EXPECT = "Neither came first"


def compare(a, b):
    names = a.keys() | b.keys()
    if any(a.get(name, 0) < b.get(name, 0) for name in names):
        return "before"
    return "after" if any(a.get(name, 0) > b.get(name, 0) for name in names) else "equal"


def reconcile(ours, theirs):
    kept = []
    for version in ours + theirs:
        if version not in kept and not any(compare(version[0], other[0]) == "before" for other in ours + theirs):
            kept.append(version)
    return kept
