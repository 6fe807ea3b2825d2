"""Linearizability: is there one order of the operations, true to real time, that explains every answer?

Herlihy and Wing (1990) ask that every operation take effect at one moment between its beginning and its end. That
is so exactly if the operations can be put into one order in which nothing comes after what began only when it was
over, and in which each answer is right for an object that nobody shares.

What the outcomes mean:

- ``ok``: it happened, between its beginning and its end, and the answer counts.
- ``fail``: it did not happen. Failed operations are left out.
- ``unknown``: it may have happened at *any* time after it began, also long after the client gave up, or never.
  It is never over, and its answer counts for nothing. So an unknown read says nothing at all.

Objects (keys) are judged apart: a history is linearizable if and only if each object's part of it is (Herlihy and
Wing's locality; Horn and Kroening 2015 call it P-compositionality and found how much it saves). A part that is a
register with all its values different takes the path of `gibbons_korach`, the others are searched, in turns, so that
one object that is wrong is found before another that is hard has eaten the budget.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from splitbrain.checkers import gibbons_korach
from splitbrain.checkers.budget import Budget
from splitbrain.checkers.explain import explain_conflict, explain_stuck, plural
from splitbrain.checkers.forms import require
from splitbrain.checkers.models import MODELS, Model
from splitbrain.checkers.search import Search
from splitbrain.checkers.values import frozen
from splitbrain.records import FAIL, OK, UNKNOWN, VIOLATED, Operation, Verdict, Witness, short

TURN = 1_000


def linearizability(history: Iterable[Operation], *, model: Model | str = "register",
                    budget: int | None = 1_000_000, seconds: float | None = None,
                    megabytes: float | None = None) -> Verdict:
    """Judge whether a history is linearizable.

    Parameters
    ----------
    history : iterable of Operation
        Complete: whatever was asked is in it. Every key is an object of its own.
    model : Model or str
        What one object does: ``register``, ``cas-register``, ``kv``, ``mutex``, ``fifo-queue``, or a `Model` of
        your own: see there for an example.
    budget : int or None
        How many states of the search (see `search`) may be looked at, over all objects, before the answer is
        ``unknown``. A state costs some 10 microseconds and 200 bytes. None is no limit.
    seconds, megabytes : float, optional
        The same in time, and in memory that the search takes. They are looked at every 1,000 states, and are no
        limits for grading: a slow machine would change a mark.

    Returns
    -------
    Verdict
        ``violated`` bears a witness: a few operations that fit in no order, whatever the others did.

    Raises
    ------
    ValueError
        If an operation is not one that the model knows, or its value is not of the kind that the model asks for.

    Notes
    -----
    The answer ``ok`` says that this history can be explained; another run of the same system may not be. Nothing
    is said about operations on several keys at once.

    References
    ----------
    Herlihy and Wing, "Linearizability: a correctness condition for concurrent objects", TOPLAS 12(3), 1990.
    Wing and Gong, "Testing and verifying concurrent objects", JPDC 17, 1993.
    Lowe, "Testing for linearizability", Concurrency and Computation 29(4), 2017.
    Horn and Kroening, "Faster linearizability checking via P-compositionality", FORTE 2015.
    Gibbons and Korach, "Testing shared memories", SIAM Journal on Computing 26(4), 1997.

    Examples
    --------
    >>> put = Operation("c1", "put", "x", 1, start=0, end=1)
    >>> get = Operation("c2", "get", "x", result=None, start=2, end=3, index=1)
    >>> print(linearizability([put, get]))
    violated: c2 read x = None, the initial value, after c1 had written x = 1
    """
    limit = Budget(budget, seconds, megabytes)
    model = known(model)
    history = tuple(history)
    require(history, name=model.name, functions=model.functions, asked=model.asked, told=model.told)
    parts, failed = _objects(history, model), [o for o in history if o.status == FAIL]
    searches: dict[Any, Search] = {}
    for key, part in parts.items():
        if not (model is MODELS["register"] and gibbons_korach.applies(part, model.initial)):
            searches[key] = Search(part, model)
        elif (conflict := gibbons_korach.conflict(part, model.initial)) is not None:
            return _verdict(VIOLATED, *explain_conflict(conflict, failed))
    wrong, exhausted = _take_turns(searches, limit)
    for key in wrong:
        return _verdict(VIOLATED, *explain_stuck(parts[key], searches[key].stuck, model, failed), states=limit.used)
    if exhausted:
        where = ", ".join(short(key) for key in searches if key is not None)
        return _verdict(UNKNOWN, f"gave up after {exhausted}{where and f', still at key {where}'}: "
                                 "found neither an order nor that there is none", states=limit.used)
    return _verdict(OK, _fits(parts), states=limit.used)


def _verdict(status: str, explanation: str, witness: Witness | None = None, *, states: int = 0) -> Verdict:
    return Verdict(status, explanation, "linearizability", witness, states=states)


def known(model: Model | str) -> Model:
    """The model of this name; a model is itself."""
    if isinstance(model, Model):
        return model
    if model not in MODELS:
        raise ValueError(f"there is no model {model!r}; there are {', '.join(sorted(MODELS))}")
    return MODELS[model]


def _objects(history: Iterable[Operation], model: Model) -> dict[Any, list[Operation]]:
    """For each key the operations that happened or may have, and are needed to tell."""
    parts: dict[Any, list[Operation]] = {}
    for o in history:
        if o.status != FAIL and (o.status == OK or o.f not in model.reads):
            parts.setdefault(frozen(o.key), []).append(o)
    return {key: list(model.needed(part)) for key, part in parts.items()}


def _take_turns(searches: dict[Any, Search], limit: Budget) -> tuple[list, str | None]:
    """Search every object a while, in turns. Give the key of the first that fails, if any, and what ran out, if.

    The searches that found an order are taken out; what is left is undecided.
    """
    running = {key: iter(search) for key, search in searches.items()}
    while running:
        for key, steps in list(running.items()):
            exhausted = limit.exhausted()
            if exhausted:
                return [], exhausted
            turn = limit.turn(TURN)
            done = sum(1 for _ in zip(range(turn), steps, strict=False))
            limit.spend(done)
            if done == turn:
                continue
            if searches[key].order is None:
                return [key], None
            del running[key], searches[key]
    return [], None


def _fits(parts: dict[Any, list[Operation]]) -> str:
    count = sum(map(len, parts.values()))
    unknown = sum(o.status == UNKNOWN for part in parts.values() for o in part)
    return (f"one order of the {plural(count, 'operation')}{f' of {len(parts)} keys' if len(parts) > 1 else ''} "
            f"explains every answer{f' ({unknown} of unknown outcome)' if unknown else ''}")
