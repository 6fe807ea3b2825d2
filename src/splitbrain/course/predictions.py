"""Predict first, then look: a question before an experiment, kept, and shown beside what happened.

Everything works without a mouse and without a widget: ``predict(..., answer="none")`` answers from code. Nothing
here is ever required, and nothing is sent anywhere.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets

from splitbrain.course import store


class Choice(ipywidgets.VBox):
    """A question with radio buttons, and a line below that answers.

    In a stored notebook, where no kernel runs, it is the question as text that says to run the cell.
    """

    def __init__(self, question: str, options: Sequence[str], *, label: str, chosen: str | None,
                 respond: Callable[[str], str]):
        self.question, self.label, self._respond = question, label, respond
        self.buttons = ipywidgets.RadioButtons(
            options=list(options), value=chosen, description=label, description_allow_html=False,
            tooltip=question, style={"description_width": "initial"}, layout={"width": "auto"})
        self.note = ipywidgets.HTML(self._note(chosen))
        prompt = ipywidgets.HTML(f"<p><strong>{_marked(question)}</strong></p>")
        super().__init__([prompt, self.buttons, self.note])
        self.buttons.observe(self._choose, names="value")

    def _choose(self, change: Mapping[str, Any]) -> None:
        if change["new"] is not None:
            text = self._respond(change["new"])
            self.note.value = f'<p role="status">{_marked(text)}</p>'

    def _note(self, chosen: str | None) -> str:
        return "" if chosen is None else f'<p role="status">{_marked(self._respond(chosen))}</p>'

    def __repr__(self) -> str:
        options = "\n".join(f"  ( ) {option}" for option in self.buttons.options)
        return f"{self.question}\n{options}\nRun this cell to answer."

    def _repr_mimebundle_(self, **options: Any) -> Any:
        bundle = super()._repr_mimebundle_(**options)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        listed = "".join(f"<li>{_marked(option)}</li>" for option in self.buttons.options)
        still = (f"<p><strong>{_marked(self.question)}</strong></p><ul>{listed}</ul>"
                 "<p><em>Run this cell to answer.</em></p>")
        return dict(data) | {"text/html": still, "text/plain": repr(self)}, metadata


def predict(name: str, question: str, options: Sequence[str], *, answer: str | None = None) -> Choice:
    """Ask for a prediction and keep it.

    Parameters
    ----------
    name : str
        Begins with the lesson's slug: ``acid-kill``.
    question : str
        What will happen?
    options : sequence of str
        What may be chosen.
    answer : str, optional
        Choose it from code.

    Returns
    -------
    Choice
        A widget, to be the last line of a cell. What was chosen before is chosen again.

    Raises
    ------
    ValueError
        Fewer than two options, two alike, or an answer that is none of them.
    """
    _check_options(options)
    if answer is not None:
        _check_among(answer, options)
        _remember(name, answer)
    stored = prediction(name)

    def respond(chosen: str) -> str:
        _remember(name, chosen)
        return f"Your prediction: {chosen}. It is shown beside what happens."

    return Choice(question, options, label="I predict:", chosen=stored if stored in options else None, respond=respond)


def prediction(name: str) -> str | None:
    """What was predicted, or None."""
    rows = store.read("SELECT answer FROM prediction WHERE name = ?", name)
    return rows[0][0] if rows else None


def _remember(name: str, answer: str) -> None:
    if prediction(name) != answer:
        store.write("INSERT OR REPLACE INTO prediction VALUES (?, ?, ?)", name, answer, store.now())


class Revealed:
    """A prediction beside the outcome."""

    def __init__(self, predicted: str | None, outcome: str, because: str):
        self.predicted, self.outcome, self.because = predicted, outcome, because

    def _verdict(self) -> str:
        if self.predicted is None:
            return "You made no prediction."
        return "As you predicted." if self.predicted == self.outcome else "Not what you predicted."

    def __repr__(self) -> str:
        lines = [f"You predicted: {self.predicted}"] if self.predicted is not None else []
        lines += [f"What happened: {self.outcome}", self._verdict()]
        return "\n".join(lines + ([self.because] if self.because else []))

    def _repr_html_(self) -> str:
        rows = [("You predicted", self.predicted)] if self.predicted is not None else []
        rows.append(("What happened", self.outcome))
        body = "".join(f'<tr><th scope="row" style="text-align: left">{name}</th>'
                       f'<td style="text-align: left">{_marked(value)}</td></tr>' for name, value in rows)
        reason = f" {_marked(self.because)}" if self.because else ""
        return f"<table><tbody>{body}</tbody></table><p><strong>{self._verdict()}</strong>{reason}</p>"


def reveal(name: str, outcome: str, *, because: str = "") -> Revealed:
    """Show the prediction of this name beside what happened, and why; to be the last line of a cell.

    `outcome` is one of the prediction's options, computed from the run where that is possible.
    """
    return Revealed(prediction(name), str(outcome), because)


def question(text: str, options: Sequence[str], *, answer: int, because: Mapping[int, str] | str,
             chosen: int | None = None) -> Choice:
    """A question to test oneself; choosing says right or wrong, and why.

    Parameters
    ----------
    text, options
        The question, and what may be chosen.
    answer : int
        The place of the right option, from 0.
    because : mapping or str
        The reason for each option by its place, or one reason for all.
    chosen : int, optional
        Choose it from code.

    Raises
    ------
    ValueError
        A place that is no option's, or options as in `predict`.
    """
    _check_options(options)
    for place in (answer, *([] if chosen is None else [chosen]), *(because if isinstance(because, Mapping) else ())):
        if place not in range(len(options)):
            raise ValueError(f"there are {len(options)} options, from 0; there is no option {place}")
    options = list(options)

    def respond(option: str) -> str:
        place = options.index(option)
        reason = because.get(place, "") if isinstance(because, Mapping) else because
        return f"{'Right' if place == answer else 'No'}: {reason}".rstrip(": ") + ("" if reason else ".")

    return Choice(text, options, label="I choose:", chosen=None if chosen is None else options[chosen], respond=respond)


def _check_options(options: Sequence[str]) -> None:
    if isinstance(options, str) or len(options) < 2 or len(set(options)) < len(options):
        raise ValueError(f"options are at least two different strings, got {options!r}")


def _check_among(answer: str, options: Sequence[str]) -> None:
    if answer not in options:
        raise ValueError(f"{answer!r} is none of the options: {', '.join(map(repr, options))}")


def _marked(text: Any) -> str:
    """Plain text as HTML, with `code` in backticks."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(str(text)))
