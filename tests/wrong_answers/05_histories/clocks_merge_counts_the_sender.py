"""Someone who also counts an event of the sender: that one was counted when it sent."""

EXERCISE = "clocks"
EXPECT = "happened before this one"


def merge(vector, me, stamp):
    known = {name: max(vector.get(name, 0), stamp.get(name, 0)) for name in vector | stamp}
    return {name: count + (name == me or name in stamp) for name, count in (known | {me: known.get(me, 0)}).items()}
