"""Someone who lets each process remember the highest epoch that it has seen: the one that slept has seen none."""

EXERCISE = "fence"
EXPECT = "Who remembers which epoch was last"


def write(db, epoch, holder, item):
    state = write.__dict__.setdefault(id(db), [0, None])
    if epoch < state[0] or (epoch == state[0] and holder != state[1]):
        return False
    state[:] = [epoch, holder]
    with db:
        db.execute("INSERT INTO orders (epoch, holder, item) VALUES (?, ?, ?)", (epoch, holder, item))
    return True
