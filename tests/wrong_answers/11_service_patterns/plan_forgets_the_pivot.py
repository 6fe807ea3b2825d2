"""Someone for whom every refusal is a reason to go back, behind the pivot as well."""

EXERCISE = "plan"
EXPECT = "a retriable step is asked for again"


def next_action(steps, log):
    done = [name for name, _ in steps if ("do", name, "done") in log]
    if any(outcome == "refused" for _, _, outcome in log):
        left = [name for name in done if ("undo", name, "done") not in log]
        return ("undo", left[-1]) if left else "compensated"
    ahead = [name for name, _ in steps if name not in done]
    return ("do", ahead[0]) if ahead else "completed"
