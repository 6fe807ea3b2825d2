"""Someone who waits for something that does not come, in a loop without an end."""

EXERCISE = "saga"
EXPECT = "neither sent a statement nor made"


def run_saga(db, saga, steps, call):
    while True:
        pass
