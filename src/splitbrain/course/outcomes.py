"""What a check can say, and how it says it.

A check *raises* what is not right, so that a grader sees a failed test. What a reader sees is no traceback but
a sentence, what was expected, what was got, a line that replays it, a picture, and where the next hint is.
"""

from __future__ import annotations

import pprint
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

NOT_ATTEMPTED, WRONG, RAISED, UNDECIDED, RIGHT = "not attempted", "wrong", "your code raised", "undecided", "right"
OUTCOMES = (NOT_ATTEMPTED, WRONG, RAISED, UNDECIDED, RIGHT)

_NOTHING = object()
_WIDTH = 100
_LONGEST = 1200  # characters of a value that are shown


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """One exercise of a lab.

    Attributes
    ----------
    lesson : str
        ``01_acid``.
    name : str
        Unique in its lesson: ``transfer``.
    title : str
        For people: ``A crash-safe transfer``.
    hints : tuple of str
        From a nudge to nearly the answer; see `splitbrain.course.hint`.
    lines : int or None
        About how many lines a good answer takes.
    seconds : float
        Processor seconds after which an answer counts as endless.
    check : callable or None
        The check, as a lab calls it.
    """

    lesson: str
    name: str
    title: str
    hints: tuple[str, ...] = ()
    lines: int | None = None
    seconds: float = 10.0
    check: Callable[..., None] | None = None

    @property
    def id(self) -> str:
        """``acid.transfer``: the topic without its number, and the name."""
        return f"{self.lesson.partition('_')[2] or self.lesson}.{self.name}"


class CheckFailed(AssertionError):
    """An answer that is not (yet) right; see the subclasses. An `AssertionError`, so every grader understands it.

    Parameters
    ----------
    sentence : str
        What is wrong, in one sentence, in terms of what the learner wrote.
    expected, got : Any, optional
        Shown below each other. A string is shown as it is, anything else as Python writes it, without addresses.
    picture : Picture, optional
        Anything with an HTML form and an ``alt``; it is displayed, and named in the text where it cannot be.
    replay : str, optional
        The line of code that runs this failure again.
    """

    outcome = WRONG

    def __init__(self, sentence: str, *, expected: Any = _NOTHING, got: Any = _NOTHING, picture: Any = None,
                 replay: str | None = None):
        super().__init__(sentence)
        self.sentence, self.picture, self.replay = sentence, picture, replay
        self.expected, self.got = expected, got
        self.exercise: Exercise | None = None
        self.hints_seen = 0
        self._displayed = False

    def __str__(self) -> str:
        return self.explain()

    def explain(self, *, picture: bool = True) -> str:
        """The whole message as plain text; with `picture`, the picture's text alternative as well."""
        rows = [("expected", self.expected), ("got", self.got), ("replay", self.replay or _NOTHING),
                ("picture", getattr(self.picture, "alt", None) or _NOTHING if picture else _NOTHING)]
        table = [_row(name, value) for name, value in rows if value is not _NOTHING]
        parts = [self._heading(), self._body(), "\n".join(table), self._next_step()]
        return "\n\n".join(part for part in parts if part)

    def _heading(self) -> str:
        if self.exercise is None:
            return f"{self.outcome.capitalize()}."
        return f"{self.outcome.capitalize()}: {self.exercise.title} ({self.exercise.id})"

    def _body(self) -> str:
        return _fill(self.sentence)

    def _next_step(self) -> str:
        if self.exercise is None or not self.exercise.hints:
            return ""
        number, count = self.hints_seen + 1, len(self.exercise.hints)
        call = f'hint("{self.exercise.id}")'
        return f"{call} gives hint {number} of {count}." if number <= count else f"{call} shows the hints again."

    def _render_traceback_(self) -> list[str]:
        """What IPython shows instead of a traceback."""
        return self.explain(picture=not self._display_picture()).splitlines()

    def _display_picture(self) -> bool:
        if self.picture is None or self._displayed:  # the kernel asks for the text a second time
            return self._displayed
        try:
            from IPython.display import display

            display(self.picture)
        except Exception:  # a picture that cannot be drawn must not hide the message
            return False
        self._displayed = True
        return True


class Wrong(CheckFailed):
    """The answer is wrong, and here is what shows it."""


class NotAttempted(CheckFailed):
    """The placeholder is still there."""

    outcome = NOT_ATTEMPTED

    def __init__(self, sentence: str = "The placeholder is still there. Put your answer in its place, run that cell, "
                                       "and then this one again.", **rest: Any):
        super().__init__(sentence, **rest)


class Undecided(CheckFailed):
    """The check could not find out: its budget ended, or it broke. A person has to look."""

    outcome = UNDECIDED


class Raised(CheckFailed):
    """The learner's code raised, or had to be stopped.

    Attributes
    ----------
    cause : BaseException
        What it raised.
    places : tuple of str
        The learner's own lines that led there, the innermost last.
    by_learner : bool
        Whether there are any; if not, `places` may say how the check called.
    """

    outcome = RAISED

    def __init__(self, sentence: str, *, cause: BaseException, places: tuple[str, ...] = (), by_learner: bool = True,
                 **rest: Any):
        super().__init__(sentence, **rest)
        self.cause, self.places, self.by_learner = cause, places, by_learner

    def _body(self) -> str:
        return "\n\n".join([_fill(self.sentence), *(["\n".join(self.places)] if self.places else [])])


def show(value: Any) -> str:
    """A value as a message shows it: no addresses, not too long, the same in every run."""
    text = value if isinstance(value, str) else _pretty(value)
    text = re.sub(r" at 0x[0-9a-fA-F]+", "", text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ... ({len(text) - _LONGEST:,} characters more)"


def _pretty(value: Any) -> str:
    try:
        if isinstance(value, set | frozenset):
            value = sorted(value, key=repr)  # pprint sorts a set by hash where its items do not compare
            return "{" + pprint.pformat(value, width=_WIDTH - 12, compact=True)[1:-1] + "}" if value else "set()"
        return pprint.pformat(value, width=_WIDTH - 12, compact=True, sort_dicts=False)
    except Exception as error:  # somebody's own __repr__
        return f"<{type(value).__name__}, whose repr raises {type(error).__name__}>"


def _row(name: str, value: Any) -> str:
    first, *rest = show(value).splitlines() or [""]
    return "\n".join([f"  {name:<9} {first}", *(f"  {'':<9} {line}" for line in rest)])


def _fill(text: str) -> str:
    lines = [textwrap.fill(line, _WIDTH, break_long_words=False, break_on_hyphens=False) for line in text.split("\n")]
    return "\n".join(lines)
