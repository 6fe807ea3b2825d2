"""Someone who does not look at what has been undone."""

EXERCISE = "plan"
EXPECT = "a second time"


def next_action(steps, log):
    done = [name for name, _ in steps if ("do", name, "done") in log]
    if any(("do", name, "refused") in log for name, kind in steps if kind != "retriable"):
        return ("undo", done[-1]) if done else "compensated"
    ahead = [name for name, _ in steps if name not in done]
    return ("do", ahead[0]) if ahead else "completed"
