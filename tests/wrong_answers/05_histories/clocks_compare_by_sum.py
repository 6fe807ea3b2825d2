"""Someone who thinks that who knows more events came later."""

EXERCISE = "clocks"
EXPECT = "has counted an event that the other has not"


def compare(v, w):
    a, b = sum(v.values()), sum(w.values())
    return "same" if v == w else "before" if a < b else "after" if a > b else "concurrent"
