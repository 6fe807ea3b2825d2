"""Someone who leaves out what is before or equal to another: what both have is gone."""

EXERCISE = "siblings"
EXPECT = "update is lost"


def compare(a, b):
    names = a.keys() | b.keys()
    less = all(a.get(name, 0) <= b.get(name, 0) for name in names)
    more = all(a.get(name, 0) >= b.get(name, 0) for name in names)
    return "equal" if less and more else "before" if less else "after" if more else "concurrent"


def reconcile(ours, theirs):
    mine = [v for v in ours if all(compare(v[0], other[0]) in ("after", "concurrent") for other in theirs)]
    yours = [v for v in theirs if all(compare(v[0], other[0]) in ("after", "concurrent") for other in ours)]
    return mine + yours
