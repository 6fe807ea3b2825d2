"""The checks of lab 11 accept right answers of other shapes than ours, and leave no process behind."""


import pytest

from splitbrain.course.checks import service_patterns as checks
from splitbrain.course.checks.service_patterns_plan import _right


def another_id_for_each_attempt(bus, question, key):
    mine = set()
    for _ in range(3):
        number, end = bus.new_id(), bus.now() + 1
        mine.add(number)
        bus.send("payment", {"id": number, "key": key, "reply to": bus.mine, "question": question})
        while bus.now() < end:
            reply = bus.receive(bus.mine, end - bus.now())
            if reply and reply["id"] in mine:
                return reply["answer"]
    raise TimeoutError


def backwards_through_the_log(steps, log):
    kinds, undone = dict(steps), set()
    if any(verb == "do" and outcome == "refused" and kinds[name] != "retriable" for verb, name, outcome in log):
        for verb, name, outcome in reversed(log):
            if verb == "undo":
                undone.add(name)
            elif outcome == "done" and name not in undone:
                return ["undo", name]
        return "compensated"
    for name, _ in steps:
        if ("do", name, "done") not in log:
            return ("do", name)
    return "completed"


def one_row_a_saga(db, saga, steps, call):
    """Keeps a position and a direction, written in Python's own transactions."""
    db.isolation_level = ""
    with db:
        db.execute("CREATE TABLE IF NOT EXISTS at (saga PRIMARY KEY, position, direction)")
        db.execute("INSERT OR IGNORE INTO at VALUES (?, 0, 1)", (saga,))
    position, direction = db.execute("SELECT position, direction FROM at WHERE saga = ?", (saga,)).fetchone()
    while 0 <= position < len(steps):
        name, kind = steps[position]
        verb = "do" if direction == 1 else "undo"
        answer = call(verb, name, f"{verb} {name} of {saga}")
        if answer == "refused" and kind == "retriable":
            continue
        if answer == "refused":
            direction = -1
        position += direction
        with db:
            db.execute("UPDATE at SET position = ?, direction = ? WHERE saga = ?", (position, direction, saga))
    return "completed" if direction == 1 else "compensated"


def recursive(db, saga, steps, call):
    """Our own in another shape: recursion, JSON, a closure that goes into the process with it."""
    import json

    db.execute("CREATE TABLE IF NOT EXISTS kept (saga TEXT PRIMARY KEY, log TEXT)")
    row = db.execute("SELECT log FROM kept WHERE saga = ?", (saga,)).fetchone()
    log = [tuple(entry) for entry in json.loads(row[0])] if row else []
    action = _right(steps, log)
    if isinstance(action, str):
        return action
    log.append((*action, call(*action, json.dumps([saga, *action]))))
    db.execute("INSERT OR REPLACE INTO kept VALUES (?, ?)", (saga, json.dumps(log)))
    return recursive(db, saga, steps, call)


pytestmark = pytest.mark.usefixtures("nothing_is_left")


def test_right_answers_of_other_shapes(capsys):
    checks.check_ask(another_id_for_each_attempt)
    checks.check_plan(backwards_through_the_log)
    assert capsys.readouterr().out.count("Right: ") == 2


@pytest.mark.parametrize("answer", [one_row_a_saga, pytest.param(recursive, marks=pytest.mark.long)])
def test_right_sagas_of_other_shapes(answer, capsys):
    checks.check_saga(answer)
    assert capsys.readouterr().out.startswith("Right: ")
