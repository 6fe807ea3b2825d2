"""Someone who keeps the log in a list: after a kill it begins again, and what was undone is believed to be done."""

EXERCISE = "saga"
EXPECT = "it went on"


def run_saga(db, saga, steps, call):
    done = []
    for name, kind in steps:
        while (outcome := call("do", name, f"{saga} do {name}")) == "refused" and kind == "retriable":
            pass
        if outcome == "refused":
            for other in reversed(done):
                call("undo", other, f"{saga} undo {other}")
            return "compensated"
        done.append(name)
    return "completed"
