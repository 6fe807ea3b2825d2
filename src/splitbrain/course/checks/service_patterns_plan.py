"""Checks what a saga does next, on every way that a few sagas can go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from splitbrain.course.feedback import Wrong, exercise, expect, learner_code

C, P, R = "compensatable", "pivot", "retriable"
ORDER = [("reserve", C), ("charge", C), ("ship", P), ("book", R)]
SAGAS = [ORDER, [("a", C), ("b", C), ("c", C)], [("a", C), ("b", R), ("c", R)], [("a", P)], [("a", R)],
         [("a", C), ("b", C), ("c", C), ("d", P), ("e", R), ("f", R)]]
_MOST = 40


@exercise("11_service_patterns", "plan", title="What a saga does next", lines=10, seconds=10, hints=(
    "Everything that you need is in the log. Which one question decides whether the saga goes forward or back?",
    "It goes back if a step that is not retriable was refused. Going back: those that were done and are not undone, "
    "the last of them first. Going forward: the first that is not done.",
    "done = names with ('do', name, 'done') in log; undone likewise with 'undo'. If back: left = [done, not undone]; "
    "the last of left, or 'compensated'. Else: the first step that is not in done, or 'completed'."))
def check_plan(next_action: Callable) -> str:
    ways = sum(_walk(next_action, steps, [], 0) for steps in SAGAS)
    return (f"on all {ways} ways that {len(SAGAS)} sagas can go, it went forward in order, came back in reverse order, "
            "and passed the pivot once.")


def _walk(next_action: Callable, steps: list, log: list, refused: int) -> int:
    """Ask at this log, then at every log that may follow; how many ways end."""
    right = _right(steps, log)
    with learner_code(f"for the log {log}"):
        got = next_action(list(steps), list(log))
    got = expect(list(got) if isinstance(got, tuple) else got, list | str, '("do", name), ("undo", name), "completed" '
                 'or "compensated"', of="next_action()")
    got = tuple(got) if isinstance(got, list) else got
    if got != right:
        raise Wrong(f"{_why(steps, log, got, right)}\n\nsteps  {steps}\nlog    {log}", expected=repr(right),
                    got=repr(got))
    if isinstance(right, str):
        return 1
    verb, name = right
    ends = _walk(next_action, steps, [*log, (verb, name, "done")], refused)
    kind = dict(steps)[name]
    if verb == "do" and (kind != R or refused < 2):
        ends += _walk(next_action, steps, [*log, (verb, name, "refused")], refused + (kind == R))
    return ends


def _right(steps: list, log: list) -> tuple[str, str] | str:
    done = [name for name, _ in steps if ("do", name, "done") in log]
    if any(("do", name, "refused") in log for name, kind in steps if kind != R):
        left = [name for name in done if ("undo", name, "done") not in log]
        return ("undo", left[-1]) if left else "compensated"
    ahead = [name for name, _ in steps if name not in done]
    return ("do", ahead[0]) if ahead else "completed"


def _why(steps: list, log: list, got: Any, right: Any) -> str:
    done = {name for verb, name, outcome in log if (verb, outcome) == ("do", "done")}
    undone = {name for verb, name, _ in log if verb == "undo"}
    kinds = dict(steps)
    back = any(outcome == "refused" and kinds[name] != R for _, name, outcome in log)
    passed = any(outcome == "refused" and kinds[name] == R for _, name, outcome in log)
    match got:
        case ("undo", name) if name not in done:
            return f"{name!r} is compensated, although it was never done: something is given that was never taken."
        case ("undo", name) if name in undone:
            return f"{name!r} is compensated a second time; the log says that it was."
        case ("undo", _) if passed and not back:
            return ("A retriable step was refused, and the saga goes back. What stands before it may not be undone any "
                    "more: a retriable step is asked for again.")
        case ("undo", name) if isinstance(right, tuple) and right[0] == "undo":
            return f"{name!r} is compensated before {right[1]!r}, which was done later. "\
                   "The way back is the reverse order."
        case ("do", name) if back:
            return f"A step was refused for good, and the saga still goes forward, to {name!r}."
        case ("do", name) if name in done:
            return f"{name!r} is done a second time; the log says that it was."
        case "compensated" | "completed" if isinstance(right, tuple):
            return f"The saga is said to be {got}, and there is something left to be {'un' * (right[0] == 'undo')}done."
        case "completed" | "compensated":
            return "The saga is at an end, and its end has the wrong name."
    return "That is not what comes next."
