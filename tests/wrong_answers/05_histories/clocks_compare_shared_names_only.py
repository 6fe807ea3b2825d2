"""Someone who compares the nodes that both name, and nothing else: a missing one counts as 0."""

EXERCISE = "clocks"
EXPECT = "knows all that the second knows"


def compare(v, w):
    names = v.keys() & w.keys()
    less, more = all(v[name] <= w[name] for name in names), all(v[name] >= w[name] for name in names)
    return "same" if less and more and v == w else "before" if less else "after" if more else "concurrent"
