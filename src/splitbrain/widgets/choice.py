"""A question with a few answers, each a button with a letter; what follows from a choice is said below.

In a stored notebook, where no kernel runs, it is the question as text that says to run the cell.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import anywidget
import traitlets

from splitbrain.widgets.bundle import bundle
from splitbrain.widgets.kernel import kernel_id

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Answer:
    """What was chosen, and what was said to it; shown as text."""

    option: str
    said: str

    def __repr__(self) -> str:
        return self.said

    def _repr_html_(self) -> str:
        return f"<p>{marked(self.said)}</p>"


class Choice(anywidget.AnyWidget):
    """A question to be answered by a click, by Tab and Enter, or from code.

    Parameters
    ----------
    question : str
        Text; `code` stands in backticks.
    options : sequence of str
        At least two, at most 26, all different.
    respond : callable
        ``respond(option)`` is called for each choice, and gives the words to show.
    chosen : str, optional
        The option that was chosen before.

    Attributes
    ----------
    note : str
        What was said to the choice; "" before there is one.

    Raises
    ------
    ValueError
        Options that are too few, too many, or alike.
    """

    _esm = bundle(_HERE / "choice.js")
    _css = (_HERE / "choice.css").read_text(encoding="utf-8")

    setup = traitlets.Dict().tag(sync=True)
    chosen = traitlets.Int(None, allow_none=True).tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)

    def __init__(self, question: str, options: Sequence[str], *, respond: Callable[[str], str],
                 chosen: str | None = None):
        if isinstance(options, str) or not 2 <= len(options) <= 26 or len(set(options)) < len(options):
            raise ValueError(f"options are at least two different strings, got {options!r}")
        self.question, self.options, self._respond = question, tuple(options), respond
        setup = {"question": question, "options": list(options), "kernel": kernel_id()}
        place = self.options.index(chosen) if chosen in self.options else None
        super().__init__(setup=setup, chosen=place, note="" if place is None else respond(self.options[place]))
        self.observe(self._hear, names="chosen")

    def _hear(self, change: dict) -> None:
        if change["new"] is not None:
            self.note = self._respond(self.options[change["new"]])

    def answer(self, option: str) -> Answer:
        """Choose from code: an option, or its letter.

        Raises
        ------
        ValueError
            There is no such option.
        """
        if option in self.options:
            place = self.options.index(option)
        elif option in self.letters:
            place = self.letters.index(option)
        else:
            raise ValueError(f"{option!r} is none of the options: "
                             + ", ".join(f"{letter}) {text}" for letter, text in zip(self.letters, self.options,
                                                                                     strict=True)))
        self.chosen = place
        return Answer(self.options[place], self.note)

    @property
    def letters(self) -> str:
        """One for each option."""
        return ascii_lowercase[:len(self.options)]

    def __repr__(self) -> str:
        lines = [f"  {letter}) {option}" for letter, option in zip(self.letters, self.options, strict=True)]
        return "\n".join([self.question, *lines, "Run this cell to answer."])

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict, dict]:
        data, metadata = super()._repr_mimebundle_(**options)
        listed = "".join(f"<li>{marked(option)}</li>" for option in self.options)
        still = (f'<p><strong>{marked(self.question)}</strong></p><ol type="a">{listed}</ol>'
                 "<p><em>Run this cell to answer.</em></p>")
        return data | {"text/html": still, "text/plain": repr(self)}, metadata


def marked(text: Any) -> str:
    """Plain text as HTML, with `code` in backticks."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(str(text)))
