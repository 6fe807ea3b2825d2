"""A question to test oneself: every answer, right or wrong, has its reason.

The right answer and the reasons stand in the notebook, for all to read: nobody is examined here. What was answered
is kept with the learner's progress, and goes nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping

from splitbrain.course import store
from splitbrain.widgets.choice import Choice


def quiz(name: str, question: str, options: Mapping[str, str], *, right: str) -> Choice:
    """Ask; whoever answers is told whether that is right, and why.

    Parameters
    ----------
    name : str
        Begins with the lesson's slug: ``acid-order``.
    question : str
    options : mapping of str to str
        What may be answered, and the reason why that is right or wrong.
    right : str
        The right one of them.

    Returns
    -------
    Choice
        A widget, to be the last line of a cell. ``quiz(...).answer("b")`` answers from code. What was answered before
        is shown again.

    Raises
    ------
    ValueError
        Fewer than two options, one without a reason, or a right answer that is none of them.
    """
    if right not in options:
        raise ValueError(f"the right answer, {right!r}, is none of the options: {', '.join(map(repr, options))}")
    if silent := [option for option, reason in options.items() if not reason.strip()]:
        raise ValueError(f"option {silent[0]!r} gives no reason")

    def respond(option: str) -> str:
        if answered(name) != option:
            store.write("INSERT INTO quiz VALUES (?, ?, ?, ?)", name, option, option == right, store.now())
        return f"{'Right' if option == right else 'No'}: {options[option]}"

    return Choice(question, list(options), chosen=answered(name), respond=respond)


def answered(name: str) -> str | None:
    """The last answer to a quiz, or None."""
    rows = store.read("SELECT answer FROM quiz WHERE name = ? ORDER BY rowid DESC LIMIT 1", name)
    return rows[0][0] if rows else None
