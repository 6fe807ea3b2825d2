"""Someone who begins the way back with the step that was refused."""

EXERCISE = "plan"
EXPECT = "although it was never done"


def next_action(steps, log):
    tried = [name for name, _ in steps if ("do", name, "done") in log or ("do", name, "refused") in log]
    if any(("do", name, "refused") in log for name, kind in steps if kind != "retriable"):
        left = [name for name in tried if ("undo", name, "done") not in log]
        return ("undo", left[-1]) if left else "compensated"
    ahead = [name for name, _ in steps if ("do", name, "done") not in log]
    return ("do", ahead[0]) if ahead else "completed"
