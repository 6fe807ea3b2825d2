"""Someone who compares the dicts: a node that is missing and a node at 0 look different."""

EXERCISE = "clocks"
EXPECT = "They count the same"


def compare(v, w):
    if v == w:
        return "same"
    names = v | w
    less = all(v.get(name, 0) <= w.get(name, 0) for name in names)
    more = all(v.get(name, 0) >= w.get(name, 0) for name in names)
    return "before" if less else "after" if more else "concurrent"
