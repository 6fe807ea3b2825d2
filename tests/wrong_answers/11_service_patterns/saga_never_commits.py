"""Someone who opens one transaction around the whole saga, to be safe."""

EXERCISE = "saga"
EXPECT = "run again"


def plan(steps, log):
    done = [name for name, _ in steps if ("do", name, "done") in log]
    if any(("do", name, "refused") in log for name, kind in steps if kind != "retriable"):
        left = [name for name in done if ("undo", name, "done") not in log]
        return ("undo", left[-1]) if left else "compensated"
    ahead = [name for name, _ in steps if name not in done]
    return ("do", ahead[0]) if ahead else "completed"


def run_saga(db, saga, steps, call):
    db.execute("CREATE TABLE IF NOT EXISTS log (saga, verb, name, outcome)")
    db.execute("BEGIN IMMEDIATE")
    while True:
        log = db.execute("SELECT verb, name, outcome FROM log WHERE saga = ? ORDER BY rowid", (saga,)).fetchall()
        action = plan(steps, log)
        if isinstance(action, str):
            db.execute("COMMIT")
            return action
        outcome = call(*action, f"{saga}/{action}")
        db.execute("INSERT INTO log VALUES (?, ?, ?, ?)", (saga, *action, outcome))
