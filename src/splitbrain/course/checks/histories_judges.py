"""Lab 05, judges: a learner's checker beside ours, on tiny histories, and what its mistake looks like."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from splitbrain.checkers import Model, linearizability
from splitbrain.checkers.models import fifo_queue
from splitbrain.checkers.models import register as register_model
from splitbrain.checkers.orders import linearization, moments
from splitbrain.course.checks.histories_beliefs import misconception
from splitbrain.course.checks.histories_tiny import ask_queue, queue, register, tiny_histories
from splitbrain.course.feedback import CheckFailed, Wrong, exercise, expect, learner_code
from splitbrain.records import OK, VIOLATED, History, Operation, Verdict
from splitbrain.views import timeline

SAMPLE, ENOUGH = 3, 100  # every so many histories, and how many answers tell one misconception from another
Judge = Callable[[list[Operation], Callable, Any], bool]


@exercise("05_histories", "brute_force", title="A judge by brute force", lines=14, seconds=8, hints=(
    "Three questions for each order: does it hold all that must have happened and nothing that did not; is it true to "
    "real time; and is every answer right? Which operations must be in it, which may, which must not?",
    "Leave out what failed. Let `some` run over every subset of the unknown ones (`itertools.combinations`, or a "
    "recursion that tries each with and without), and every order of the ok ones and `some` "
    "(`itertools.permutations`). An order is not true to real time if a later one in it was over before an earlier one "
    "began; one without an end is never over.",
    "For an order: `all(not (b.end is not None and b.end < a.start) for a, b in combinations(order, 2))`, and then "
    "walk along it: `right, state = step(state, o)`, and give this order up as soon as `right` is false."))
def check_brute_force(brute_force: Judge, *, history: str | None = None) -> str:
    """`history`: judge this sketch only."""
    given = [] if history is None else [History.from_sketch(history)]
    judged = compare(brute_force, "brute_force", given or tiny_histories())
    if not given:
        compare(brute_force, "brute_force", tiny_histories(ask_queue, every=10), step=queue, first=())
    verdicts = [judge(one).status for one in judged]
    return (f"on {len(judged):,} small histories ({verdicts.count(VIOLATED):,} of them wrong) you say what the "
            "course's checker says.")


def judge(history: History, model: Model = register_model) -> Verdict:
    """What is true."""
    return linearizability(history, model=model, budget=None)


def compare(answer: Judge, name: str, histories: Iterable[History], *, step: Callable = register,
            first: Any = None) -> list[History]:
    """Let the learner's judge and ours judge each; the first that they differ on is cut down and shown.

    Raises
    ------
    Wrong
        With the history as a sketch, our reason as a picture, and, if the answers so far are those of a common
        misconception, its name.
    """
    model = register_model if step is register else fifo_queue
    judged: list[History] = []
    for history in histories:
        judged.append(history)
        if ask(answer, name, history, step, first) != (judge(history, model).status == OK):
            smaller = _cut_down(answer, name, history, step, first, model)
            raise _differs(name, smaller, model, "" if step is queue else _belief(answer, name))
    return judged


def _belief(answer: Judge, name: str) -> str:
    """The misconception that explains what the answer says of many histories; one is not enough to tell them apart."""
    judged: list[History] = []
    said: list[bool] = []
    with suppress(CheckFailed):
        for history in tiny_histories(every=SAMPLE):
            said.append(ask(answer, name, history, register, None))
            judged.append(history)
    return misconception(judged, said) if len(judged) >= ENOUGH else ""


def ask(answer: Judge, name: str, history: History, step: Callable, first: Any) -> bool:
    """The learner's verdict."""
    with learner_code(f"judging\n{history.to_sketch()}\n", passes=(StepsUsedUp,)):
        said = answer(list(history), step, first)
    return expect(said, bool, "True (there is an order) or False", of=f"{name}(...)")


class StepsUsedUp(BaseException):
    """Raised by a counting step; no `Exception`, so that an answer that catches everything does not catch it."""


def _cut_down(answer: Judge, name: str, history: History, step: Callable, first: Any, model: Model) -> History:
    """Leave operations out as long as the two still differ."""
    for o in history:
        fewer = History(other for other in history if other is not o)
        if len(fewer) and ask(answer, name, fewer, step, first) != (judge(fewer, model).status == OK):
            return _cut_down(answer, name, fewer, step, first, model)
    return history


def _differs(name: str, history: History, model: Model, belief: str) -> Wrong:
    verdict, drawn = judge(history, model), history.to_sketch()
    if verdict.status == OK:
        order = linearization(history, model=model)
        sentence = f"There is an order, and {name} finds none: {'; '.join(map(str, order)) or 'nothing happened'}."
        picture = timeline(history, points=moments(order))
    else:
        sentence = f"There is no order, and {name} finds one: {verdict.explanation}."
        picture = timeline(history, witness=verdict)
    if model is fifo_queue:
        sentence = f"{sentence} (This one is a queue. `step` knows what it does; ask it.)"
    replay = f'histories.check_{name}({name}, history="""\n{drawn}""")' if model is register_model else None
    return Wrong(f"{sentence}\n{belief}\n{drawn}".replace("\n\n", "\n"), expected=verdict.status == OK,
                 got=verdict.status != OK, picture=picture, replay=replay)


