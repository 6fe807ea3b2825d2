"""Someone who writes a step down as done and then does it: killed in between, it is never done."""

EXERCISE = "saga"
EXPECT = "was never carried out"


def run_saga(db, saga, steps, call):
    db.execute("CREATE TABLE IF NOT EXISTS log (saga, verb, name)")
    rows = db.execute("SELECT verb, name FROM log WHERE saga = ?", (saga,)).fetchall()
    done = [name for verb, name in rows if verb == "do"]
    back = any(verb == "back" for verb, _ in rows)
    for name, kind in [] if back else steps:
        if name in done:
            continue
        db.execute("INSERT INTO log VALUES (?, 'do', ?)", (saga, name))
        while (outcome := call("do", name, f"{saga} do {name}")) == "refused" and kind == "retriable":
            pass
        if outcome == "refused":
            db.execute("DELETE FROM log WHERE saga = ? AND name = ?", (saga, name))
            db.execute("INSERT INTO log VALUES (?, 'back', '')", (saga,))
            back = True
            break
        done.append(name)
    if not back:
        return "completed"
    for name in reversed(done):
        if ("undo", name) not in rows:
            call("undo", name, f"{saga} undo {name}")
            db.execute("INSERT INTO log VALUES (?, 'undo', ?)", (saga, name))
    return "compensated"
