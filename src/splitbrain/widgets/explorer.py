"""A picture with controls: move a slider, and see what it does.

ipywidgets' own sliders and radio buttons have no name that a screen reader could say, so the page is ours; its
controls are the browser's native ones. What is drawn is made in Python, by a function that needs no widget.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from splitbrain.views import Picture
from splitbrain.widgets.bundle import bundle
from splitbrain.widgets.kernel import after_the_cell, kernel_id

_HERE = Path(__file__).parent


class _Number(traitlets.Int):
    """A whole number that goes no further than another one, as ipywidgets' sliders go no further than their ends."""

    def validate(self, obj: Any, value: Any) -> int:
        value, most = super().validate(obj, value), self.metadata["control"]["most"]
        return min(value, getattr(obj, most)) if most else value


def number(value: int, label: str, low: int, high: int, *, step: int = 1, unit: str = "", most: str = "") -> Any:
    """A slider over whole numbers, as an attribute of an `Explorer`; `most` names another that it cannot exceed."""
    control = {"kind": "number", "label": label, "low": low, "high": high, "step": step, "unit": unit, "most": most}
    return _Number(value, min=low, max=high, help=label).tag(sync=True, control=control)


def one_of(value: Any, label: str, options: Sequence[Any], *, unit: str = "", slider: bool = False) -> Any:
    """A menu, or a slider over values that are not evenly spaced."""
    control = {"kind": "slider" if slider else "menu", "label": label, "options": list(options), "unit": unit}
    return traitlets.Enum(list(options), value, help=label).tag(sync=True, control=control)


class Explorer(anywidget.AnyWidget):
    """Controls above a picture that follows them; base class.

    A subclass has an attribute made by `number` or `one_of` for every control, and a method `draw` that returns the
    picture of their present values.

    Attributes
    ----------
    picture : Picture
        As it is now: set an attribute, and read it. `repr` gives it in words.
    settings : dict
        The value of every control.

    Raises
    ------
    TypeError
        An argument that is no control.
    traitlets.TraitError
        A value out of range.
    """

    title = ""
    _esm = bundle(_HERE / "explorer.js")
    _css = (_HERE / "explorer.css").read_text(encoding="utf-8")

    setup = traitlets.Dict().tag(sync=True)
    shown = traitlets.Dict().tag(sync=True)

    def __init__(self, **values: Any):
        names = list(self.controls())
        if unknown := [name for name in values if name not in names]:
            raise TypeError(f"{type(self).__name__} has no {unknown[0]!r}; it has {', '.join(names)}")
        self._owed, self._drawn, self._picture = False, None, None
        controls = [{"name": name} | control for name, control in self.controls().items()]
        given = {name: values[name] for name in names if name in values}  # a bound before what it bounds
        super().__init__(setup={"title": self.title, "controls": controls, "kernel": kernel_id()}, **given)
        self.refresh()
        self.observe(self._changed, names=names)

    @classmethod
    def controls(cls) -> dict[str, dict]:
        """What can be set, in the order in which the class names it."""
        # Of all classes above: anywidget makes every widget a class of its own.
        return {name: trait.metadata["control"]
                for above in reversed(cls.__mro__) for name, trait in vars(above).items()
                if isinstance(trait, traitlets.TraitType) and "control" in trait.metadata}

    @property
    def settings(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.controls()}

    def draw(self) -> Picture:
        """The picture of the present settings."""
        raise NotImplementedError

    @property
    def picture(self) -> Picture:
        if self._drawn != self.settings:
            self._picture, self._drawn = self.draw(), self.settings
        return self._picture

    def _changed(self, change: dict) -> None:
        # Drawn once the cell has ended: several changes at once, or a key held down, are one drawing.
        first, self._owed = not self._owed, True
        for name, control in self.controls().items():
            if control.get("most") == change["name"] and getattr(self, name) > change["new"]:
                setattr(self, name, change["new"])
        if first:
            after_the_cell(self.refresh)

    def refresh(self) -> None:
        """Show the present picture on the page; done by itself, if a moment later, when something is set."""
        self._owed = False
        picture = self.picture
        source = "data:image/svg+xml;base64," + base64.b64encode(picture.svg.encode()).decode()
        self.shown = {"source": source, "alt": picture.alt, "caption": picture.caption,
                      "columns": list(dict.fromkeys(key for row in picture.table for key in row)),
                      "rows": [{key: str(value) for key, value in row.items()} for row in picture.table]}

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict, dict]:
        """The widget; and for whoever opens the notebook without having run it, its picture."""
        self.refresh()
        data, metadata = super()._repr_mimebundle_(**kwargs)
        still = " ".join(part for part in (self.picture.caption, "A picture; run this cell for the controls.") if part)
        return data | {"text/html": replace(self.picture, caption=still)._repr_html_(),
                       "text/plain": repr(self)}, metadata

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self.settings.items())
        return f"{type(self).__name__}({given})\n{self.picture.alt}"
