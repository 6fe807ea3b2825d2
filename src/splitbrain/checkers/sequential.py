"""Sequential consistency: is there one order of all operations, true to each process, that explains every answer?

Lamport (1979) asks for less than linearizability: each process's operations stay in its own order, but what different
processes did may be put in any order, real time or not. In one thing it asks for more: objects cannot be judged apart.
Two registers may each be sequentially consistent, and both together not. So the search here is over all keys at once,
and over all processes: it is meant for small histories, of some dozens of operations. Large ones get an answer where
they are even linearizable, which is asked first; else mostly ``unknown``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from splitbrain.checkers.budget import Budget
from splitbrain.checkers.explain import fewest, plural, told
from splitbrain.checkers.forms import require
from splitbrain.checkers.linearizability import known, linearizability
from splitbrain.checkers.models import ANY, Model
from splitbrain.checkers.values import frozen
from splitbrain.records import FAIL, OK, UNKNOWN, VIOLATED, Operation, Verdict, Witness

TURN = 100
EASY = 20_000  # states to find out whether the history is even linearizable
EFFORT = 300_000  # states looked at to make a witness small
ATTEMPT = 2_000  # of them, to find out whether one operation can be spared


def sequential_consistency(history: Iterable[Operation], *, model: Model | str = "register",
                           budget: int | None = 200_000, seconds: float | None = None) -> Verdict:
    """Judge whether a small history is sequentially consistent.

    Parameters
    ----------
    history : iterable of Operation
        Complete. Every key is an object of its own.
    model : Model or str
        What one object does, as for `splitbrain.checkers.linearizability`.
    budget : int or None
        How many states of the search may be looked at before the answer is ``unknown``. A state counts once for every
        hundred processes and keys that there are.
    seconds : float, optional
        The same in time; no limit for grading.

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
    An operation of unknown outcome may have taken effect at any time after what its process did before, also later
    than what its process did next, or never. Failed ones are left out.

    References
    ----------
    Lamport, "How to make a multiprocessor computer that correctly executes multiprocess programs", IEEE Transactions
    on Computers C-28(9), 1979.

    Examples
    --------
    A stale read is sequentially consistent; two that go back are not:

    >>> puts = [Operation("c1", "put", "x", v, start=2 * v, end=2 * v + 1, index=v) for v in (0, 1)]
    >>> get = [Operation("c2", "get", "x", result=v, start=8 - 2 * v, end=9 - 2 * v, index=4 - v) for v in (1, 0)]
    >>> sequential_consistency([*puts, get[1]]).status
    'ok'
    >>> print(sequential_consistency([*puts, *get]))
    violated: no order true to each process explains together: c1 wrote x = 0; c2 read x = 1; c2 read x = 0
    """
    model, history = known(model), tuple(history)
    require(history, name=model.name, functions=model.functions, asked=model.asked, told=model.told)
    limit = Budget(budget, seconds)
    part = [o for o in history if o.status != FAIL and (o.status == OK or o.f not in model.reads)]
    fits = f"one order of the {plural(len(part), 'operation')}, true to each process, explains every answer"
    real = linearizability(history, model=model, budget=min(EASY, EASY if budget is None else budget), seconds=seconds)
    limit.spend(real.states)
    if real.status == OK:  # an order that is true to real time is true to each process
        return _verdict(OK, fits, states=limit.used)
    search = _Search(part, model)
    steps = iter(search)
    while not (exhausted := limit.exhausted()):
        turn = limit.turn(TURN)
        done = sum(1 for _ in islice(steps, turn))
        limit.spend(done * search.size)
        if done < turn:
            break
    if exhausted:
        return _verdict(UNKNOWN, f"gave up after {exhausted}: found neither an order nor that there is none",
                        states=limit.used)
    if search.order is not None:
        return _verdict(OK, fits, states=limit.used)
    few = _smallest_witness(part, model)
    sentence = f"no order true to each process explains together: {'; '.join(map(told, few))}"
    if len(few) == 1:
        sentence = f"{told(few[0])}, which no order of the operations explains"
    edges = tuple((a.index, b.index, "its process did so first") for i, a in enumerate(few) for b in few[i + 1:]
                  if a.process == b.process and a.status == OK)
    return _verdict(VIOLATED, sentence, Witness(tuple(few), edges=edges), states=limit.used)


def _verdict(status: str, explanation: str, witness: Witness | None = None, *, states: int) -> Verdict:
    return Verdict(status, explanation, "sequential-consistency", witness, states=states)


class _Search:
    """Depth first over how far each process has come; iterating over it does the work, one state at a time.

    After the iteration `order` holds the operations in the order found, or None.
    """

    def __init__(self, operations: Sequence[Operation], model: Model):
        self.order: list[Operation] | None = None
        self.size = 1 + len({o.process for o in operations}) // 100 + len({frozen(o.key) for o in operations}) // 100
        self._model = model
        self._keys = {key: i for i, key in enumerate(dict.fromkeys(frozen(o.key) for o in operations))}
        rows: dict[Any, list[Operation]] = {}
        self._loose: list[tuple[int, int, Operation]] = []  # (process, how many of its must come before, operation)
        for o in sorted(operations, key=lambda o: o.start):
            row = rows.setdefault(o.process, [])
            if o.status == OK:
                row.append(o)
            else:
                self._loose.append((list(rows).index(o.process), len(row), o))
        self._rows = list(rows.values())
        self._calls = {id(o): (frozen(o.value), frozen(o.result) if o.status == OK else ANY) for o in operations}

    def __iter__(self) -> Iterator[None]:
        start = self._settle((0,) * len(self._rows), (self._model.initial,) * len(self._keys))
        stack = [(*start[:2], 0, start[2], self._choices(*start[:2], 0))]
        seen = {(*start[:2], 0)}
        while stack:
            far, _, _, _, choices = stack[-1]
            if all(place == len(row) for place, row in zip(far, self._rows, strict=True)):
                self.order = [o for level in stack for o in level[3]]
                return
            for o, far, states, used in choices:
                far, states, reads = self._settle(far, states)
                if (far, states, used) not in seen:
                    seen.add((far, states, used))
                    stack.append((far, states, used, [o, *reads], self._choices(far, states, used)))
                    yield
                    break
            else:
                stack.pop()

    def _settle(self, far: tuple, states: tuple) -> tuple[tuple, tuple, list[Operation]]:
        """Place reads that are next and right: as they change nothing, an order that has them later has them here."""
        places, reads, moved = list(far), [], True
        while moved:
            moved = False
            for p, row in enumerate(self._rows):
                while places[p] < len(row) and row[places[p]].f in self._model.reads:
                    if not self._step(row[places[p]], states)[0]:
                        break
                    reads.append(row[places[p]])
                    places[p] += 1
                    moved = True
        return tuple(places), states, reads

    def _choices(self, far: tuple, states: tuple, used: int) -> Iterator[tuple]:
        for p, row in enumerate(self._rows):
            if far[p] < len(row):
                right, after = self._step(row[far[p]], states)
                if right:
                    yield row[far[p]], (*far[:p], far[p] + 1, *far[p + 1:]), after, used
        for j, (p, before, o) in enumerate(self._loose):
            if not used >> j & 1 and far[p] >= before:
                right, after = self._step(o, states)
                if right and after != states:
                    yield o, far, after, used | 1 << j

    def _step(self, o: Operation, states: tuple) -> tuple[bool, tuple]:
        i = self._keys[frozen(o.key)]
        right, after = self._model.step(states[i], o.f, *self._calls[id(o)])
        return right, (*states[:i], after, *states[i + 1:])


def _smallest_witness(operations: Sequence[Operation], model: Model) -> list[Operation]:
    """Operations that fit in no order even if all others are of unknown outcome; none of them can be spared.

    (Unless `EFFORT` was not enough to find out.)
    """
    ordered = sorted(operations, key=lambda o: o.start)
    sure = {i for i, o in enumerate(ordered) if o.status == OK}

    def fails(kept: set[int]) -> tuple[bool, int]:
        some = [o if i in kept else replace(o, status=UNKNOWN) for i, o in enumerate(ordered)]
        search = _Search([o for o in some if o.status == OK or o.f not in model.reads], model)
        states = sum(1 for _ in islice(iter(search), ATTEMPT))
        return states < ATTEMPT and search.order is None, states * search.size + len(ordered) // 10

    return [ordered[i] for i in sorted(fewest(sure, fails, EFFORT))]
