"""Someone who waits for something that does not come, in a loop without an end."""

EXERCISE = "saga"
EXPECT = "did not end in the saga"


def run_saga(db, saga, steps, call):
    while True:
        pass
