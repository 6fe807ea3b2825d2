"""Predict first, then look: a question before an experiment, kept, and shown beside what happened.

Everything works without a mouse and without a widget: ``predict(..., answer="none")`` answers from code. Nothing
here is ever required, and nothing is sent anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence

from splitbrain.course import store
from splitbrain.widgets.choice import Choice, marked


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
    def respond(chosen: str) -> str:
        _remember(name, chosen)
        return f"Your prediction: {chosen}. It is shown beside what happens."

    asked = Choice(question, options, chosen=prediction(name), respond=respond)
    if answer is not None:
        asked.answer(answer)
    return asked


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
                       f'<td style="text-align: left">{marked(value)}</td></tr>' for name, value in rows)
        reason = f" {marked(self.because)}" if self.because else ""
        return f"<table><tbody>{body}</tbody></table><p><strong>{self._verdict()}</strong>{reason}</p>"


def reveal(name: str, outcome: str, *, because: str = "") -> Revealed:
    """Show the prediction of this name beside what happened, and why; to be the last line of a cell.

    `outcome` is one of the prediction's options, computed from the run where that is possible.
    """
    return Revealed(prediction(name), str(outcome), because)
