"""Someone who compensates in the order in which things were done."""

EXERCISE = "plan"
EXPECT = "The way back is the reverse order"


def next_action(steps, log):
    done = [name for name, _ in steps if ("do", name, "done") in log]
    if any(("do", name, "refused") in log for name, kind in steps if kind != "retriable"):
        left = [name for name in done if ("undo", name, "done") not in log]
        return ("undo", left[0]) if left else "compensated"
    ahead = [name for name, _ in steps if name not in done]
    return ("do", ahead[0]) if ahead else "completed"
