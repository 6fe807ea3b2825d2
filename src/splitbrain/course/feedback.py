"""How a check is written.

    @exercise("01_acid", "transfer", title="A crash-safe transfer", hints=("...", "..."), lines=12, seconds=10)
    def check_transfer(transfer):
        with learner_code():
            total = expect(transfer(...), int, of="transfer()")
        if total != 300:
            raise Wrong("The total changed.", expected=300, got=total)
        return "The total stays what it was."

Called in a lab it prints ``Right: The total stays what it was.`` or raises a `CheckFailed`. One of five outcomes:
*not attempted*, *wrong*, *your code raised*, *undecided*, *right*.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterable
from types import FrameType, FunctionType
from typing import Any

from splitbrain.course.expect import expect
from splitbrain.course.learner import Endless, blame, is_learners_frame, learner_code, limits
from splitbrain.course.outcomes import (
    NOT_ATTEMPTED,
    OUTCOMES,
    RAISED,
    RIGHT,
    UNDECIDED,
    WRONG,
    CheckFailed,
    Exercise,
    NotAttempted,
    Raised,
    Undecided,
    Wrong,
    show,
)
from splitbrain.course.standing import hints_shown, record
from splitbrain.errors import Misuse
from splitbrain.watchdog import watchdog

__all__ = ["NOT_ATTEMPTED", "OUTCOMES", "RAISED", "RIGHT", "UNDECIDED", "WRONG", "CheckFailed", "EXERCISES", "Exercise",
           "NotAttempted", "Raised", "Undecided", "Wrong", "exercise", "expect", "learner_code", "show"]

EXERCISES: dict[str, Exercise] = {}


def exercise(lesson: str, name: str, *, title: str, hints: Iterable[str] = (), lines: int | None = None,
             seconds: float = 10.0) -> Callable[[Callable[..., str]], Callable[..., None]]:
    """Make a check of a function that is given an answer and returns one sentence, or raises.

    The function is called with whatever a lab gives it. It runs the answer inside ``with learner_code():``, raises
    `Wrong`, `NotAttempted` or `Undecided`, and returns what is right about the answer. The whole of it has
    `seconds` of processor time; on a thread that cannot be watched it says so and does without.

    An answer that is ``...``, or a function with an empty body, counts as not attempted before it is run.

    Raises
    ------
    ValueError
        Two exercises have one name.
    """

    def decorate(check: Callable[..., str]) -> Callable[..., None]:
        @functools.wraps(check)
        def checked(*answers: Any, **options: Any) -> None:
            _judge(known, check, answers, options)

        known = Exercise(lesson=lesson, name=name, title=title, hints=tuple(hints), lines=lines, seconds=seconds,
                         check=checked)
        if _origin(EXERCISES.get(known.id, known).check) != _origin(check):  # the same one again is a reload
            raise ValueError(f"there are two exercises {known.id!r}")
        EXERCISES[known.id] = known
        checked.exercise = known
        return checked

    return decorate


def _origin(check: Callable) -> tuple[str, str]:
    return check.__module__, check.__qualname__


def _judge(known: Exercise, check: Callable[..., str], answers: tuple, options: dict) -> None:
    try:
        sentence = _run(known, check, answers, options)
    except CheckFailed as failed:
        failed.exercise, failed.hints_seen = known, hints_shown(known)
        record(known, failed.outcome)
        raise failed.with_traceback(None) from failed.__cause__
    record(known, RIGHT)
    print(f"Right: {sentence}")


def _run(known: Exercise, check: Callable[..., str], answers: tuple, options: dict) -> str:
    if any(answer is ... or _is_empty(answer) for answer in answers):
        raise NotAttempted()

    def endless(_frame: FrameType) -> Endless:
        return Endless(f"it was given {known.seconds:g} seconds.")

    try:
        with limits(), watchdog(known.seconds, endless, where=is_learners_frame) as watch:
            _say_if_unwatched(watch)
            return check(*answers, **options)
    except CheckFailed:
        raise
    except (Exception, Endless) as error:  # outside of learner_code
        raise _whose(error, known) from error


def _whose(error: BaseException, known: Exercise) -> CheckFailed:
    """Theirs, if it came by a line of theirs: a method that the check called, a handler; else ours."""
    failed = blame(error)
    if isinstance(failed, NotAttempted) or failed.by_learner:
        return failed
    if isinstance(error, Misuse):  # of the simulator, by node code, which is the learner's: it says itself where
        return Raised(f"Your code made a mistake that ends a run ({type(error).__name__}): {show(str(error))}",
                      cause=error)
    if isinstance(error, Endless):
        return Undecided(f"The check itself did not end within {known.seconds:g} seconds, which says nothing about "
                         "your answer. Run it again on a machine that is less busy.")
    return Undecided(f"The check itself failed with {type(error).__name__}: {show(str(error))}. That says nothing "
                     "about your answer; please report it.")


def _documented():
    """Nothing but this."""


_EMPTY = {(lambda: None).__code__.co_code, _documented.__code__.co_code}


def _is_empty(answer: Any) -> bool:
    """A function whose body is ``pass``, ``...`` or a docstring."""
    if not isinstance(answer, FunctionType):
        return False
    code = answer.__code__
    return code.co_code in _EMPTY and set(code.co_consts) <= {None, answer.__doc__}


_told_unwatched = False


def _say_if_unwatched(watch: watchdog) -> None:
    global _told_unwatched
    if not watch.armed and not _told_unwatched and threading.current_thread() is not threading.main_thread():
        _told_unwatched = True
        print("(This runs beside the notebook's main thread, where an endless loop of yours cannot be stopped.)")
