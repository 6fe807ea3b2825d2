"""Someone for whom every entry has to grow: but who hears from one node learns nothing of a third."""

EXERCISE = "clocks"
EXPECT = "knows all that the"


def compare(v, w):
    names = v | w
    if all(v.get(name, 0) == w.get(name, 0) for name in names):
        return "same"
    if all(v.get(name, 0) < w.get(name, 0) for name in names):
        return "before"
    if all(v.get(name, 0) > w.get(name, 0) for name in names):
        return "after"
    return "concurrent"
