"""Slide a point in each interval of a history until the answers are right, or until you see that they cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from splitbrain.checkers.linearizability import known
from splitbrain.checkers.models import ANY, Model
from splitbrain.checkers.values import frozen
from splitbrain.records import FAIL, OK, History, Operation
from splitbrain.views import Picture, timeline
from splitbrain.views.sources import answer, question, say
from splitbrain.widgets.explorer import Explorer, number

_NEVER = 100


class PointSlider(Explorer):
    """A slider for every operation of a history: where in its interval it takes effect, in per cent.

    Made by `point_slider`, which gives each history a class of its own. The operation with index 2 is ``o2``. One of
    unknown outcome may take effect up to the end of the history and beyond; at 100 it never does.

    Attributes
    ----------
    explains : bool
        Whether every answer is right in the order of the points.
    """

    title = "A point in each interval"
    history: History = History()
    model: Model

    @property
    def points(self) -> dict[int, float]:
        """For each operation that takes effect its moment, on the scale of positions."""
        return {o.index: _moment(o, share, self.history) for o, share in self._shares() if not _never(o, share)}

    def _shares(self) -> list[tuple[Operation, int]]:
        return [(o, getattr(self, f"o{o.index}")) for o in self.history if o.status != FAIL]

    @property
    def explains(self) -> bool:
        return all(right for _, right, _ in self._replay())

    def _replay(self) -> list[tuple[Operation, bool, Any]]:
        """Each operation in the order of the points: whether its answer is right, and the state of its key then."""
        points, states, told = self.points, {}, []
        for o in sorted((o for o in self.history if o.index in points), key=lambda o: (points[o.index], o.start)):
            state = states.get(frozen(o.key), self.model.initial)
            result = frozen(o.result) if o.status == OK else ANY
            right, after = self.model.step(state, o.f, frozen(o.value), result)
            states[frozen(o.key)] = after if right else state
            told.append((o, right, states[frozen(o.key)]))
        return told

    def draw(self) -> Picture:
        replay = self._replay()
        wrong = [(o, state) for o, right, state in replay if not right]
        picture = timeline(self.history, points=self.points, wrong={o.index for o, _ in wrong})
        sentence = "In the order of these points every answer is right."
        if wrong:
            o, state = wrong[0]
            sentence = f"Not so: {_told(o)}, but at its point {o.key or 'the object'} is {say(state)}."
        return Picture(picture.svg, f"{sentence}\n{picture.alt}", tuple(map(_row, replay)), sentence)


def point_slider(history: History, *, model: Model | str = "register", **shares: int) -> PointSlider:
    """The sliders for a history of a few operations.

    Parameters
    ----------
    history : History
    model : Model or str
        What an object does, as for `splitbrain.checkers.linearizability`.
    **shares : int
        Where points stand first: ``o2=95``; by default in the middle.

    Examples
    --------
    >>> history = History.from_sketch('''
    ... ann  [put x=1 ----------]
    ... bob     [get x -> 1]''')
    >>> slider = point_slider(history, o0=90)
    >>> slider.explains
    False
    >>> slider.o0 = 25
    >>> slider.explains
    True
    """
    controls = {f"o{o.index}": _control(o) for o in history if o.status != FAIL}
    members: Mapping[str, Any] = controls | {"history": history, "model": known(model), "__doc__": PointSlider.__doc__}
    return type("PointSlider", (PointSlider,), dict(members))(**shares)


def _control(o: Operation) -> Any:
    if o.status == OK:
        return number(50, _told(o), 2, 98, step=4, unit="%")
    return number(_NEVER, f"{_told(o)} (at {_NEVER}: never)", 0, _NEVER, step=4, unit="%")


def _told(o: Operation) -> str:
    return f"{o.process} {question(o.f, o.key, o.value)} {answer(o.status, o.result, f=o.f)}"


def _never(o: Operation, share: int) -> bool:
    return o.status != OK and share == _NEVER


def _moment(o: Operation, share: int, history: History) -> float:
    end = o.end
    if end is None:
        end = 1 + max([o.start, *(other.end for other in history if other.end is not None)])
    return o.start + (end - o.start) * max(share, 1) / 100


def _row(told: tuple[Operation, bool, Any]) -> dict:
    o, right, state = told
    return {"process": str(o.process), "asked": question(o.f, o.key, o.value),
            "told": answer(o.status, o.result, f=o.f).removeprefix("→ "), "right": "yes" if right else "no",
            "state then": say(state)}
