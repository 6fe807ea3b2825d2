"""A power switch for a bank on the disk that forgets: choose the settings and the moment, cut, and see what is left."""

from __future__ import annotations

import html

import ipywidgets as w

from splitbrain.durability import LEVELS, Outcome, cut_once, operations
from splitbrain.powercut import Disk
from splitbrain.widgets.kernel import after_the_cell

_SHOWN = 7       # disk operations before the cut


class PowerSwitch(w.VBox):
    """Controls beside what they do; everything they do, `cut` does from code.

    Parameters
    ----------
    journal_mode : {"delete", "truncate", "persist", "wal"}
    synchronous : {"off", "normal", "full", "extra"}
    after : int
        Disk operations that pass before the power goes.
    seed : int
        Which of the unsynced bytes arrive.

    Examples
    --------
    >>> switch = PowerSwitch(journal_mode="delete", synchronous="off", after=25)
    >>> switch.cut().acknowledged
    1
    """

    def __init__(self, *, journal_mode: str = "delete", synchronous: str = "full", after: int = 20, seed: int = 1):
        # Menus and number fields: ipywidgets gives its sliders and toggles no name that a screen reader could say.
        look = {"style": {"description_width": "9em"}, "layout": w.Layout(width="20em")}
        self.journal_mode = w.Dropdown(options=["delete", "truncate", "persist", "wal"], value=journal_mode,
                                       description="Journal mode", **look)
        self.synchronous = w.Dropdown(options=list(LEVELS), value=synchronous, description="Synchronous", **look)
        self.after = w.BoundedIntText(value=after, min=0, max=max(after, 120), description="Cut after step", **look)
        self.seed = w.BoundedIntText(value=seed, min=0, max=50, description="Luck (seed)", **look)
        self.button = w.Button(description="Cut the power", icon="bolt", button_style="danger",
                               layout=w.Layout(width="12em"))
        self.seen = w.HTML()
        self.outcome: Outcome | None = None
        self.button.on_click(lambda _: after_the_cell(self.cut))
        for choice in (self.journal_mode, self.synchronous):
            choice.observe(lambda _: after_the_cell(self._fit), "value")
        self._fit()
        super().__init__([self.journal_mode, self.synchronous, self.after, self.seed, self.button, self.seen])

    def __repr__(self) -> str:
        return f"PowerSwitch({self._setting()})"

    def _repr_mimebundle_(self, **options):
        data = super()._repr_mimebundle_(**options)
        data, *more = data if isinstance(data, tuple) else (data,)
        still = (f"<p><strong>A power switch: {self._setting()}.</strong> Its controls work once you "
                 f"<em>run this cell</em>.</p>{self.seen.value}")
        data = {"text/plain": repr(self), "text/html": still, **{k: v for k, v in data.items() if k != "text/plain"}}
        return (data, *more) if more else data

    def _setting(self) -> str:
        return (f"journal mode {self.journal_mode.value}, synchronous {self.synchronous.value}, "
                f"cut after {self.after.value} disk operations, seed {self.seed.value}")

    def _fit(self) -> None:
        """There is no moment after the six transfers."""
        self.after.max = len(operations(self.journal_mode.value, self.synchronous.value))

    def cut(self) -> Outcome:
        """Do what the button does, and return what happened."""
        self.outcome, disk = cut_once(self.journal_mode.value, self.synchronous.value, after=self.after.value,
                                      seed=self.seed.value)
        self.seen.value = _tell(self.outcome, disk, self.after.value)
        return self.outcome


def verdict(outcome: Outcome) -> str:
    """One sentence about a cut.

    >>> verdict(Outcome(cut=9, acknowledged=2, lost=1, corrupt="", forced_writes=6))
    '2 transfers had been acknowledged; 1 of them is lost. The database is in order.'
    """
    count = outcome.acknowledged
    text = "1 transfer had been acknowledged" if count == 1 else f"{count} transfers had been acknowledged"
    if outcome.corrupt:
        return f"{text}. The database is broken: {outcome.corrupt}."
    if count == outcome.lost == 1:
        return f"{text}; it is lost. The database is in order."
    lost = {0: "none", 1: "1 of them"}.get(outcome.lost, f"{outcome.lost} of them")
    return f"{text}; {lost} {'is' if outcome.lost in (0, 1) else 'are'} lost. The database is in order."


def _tell(outcome: Outcome, disk: Disk, after: int) -> str:
    done = disk.log[:after]
    steps = [f"<li>{html.escape(_step(row))}</li>" for row in done[-_SHOWN:]]
    taken = [f"<li>{html.escape(row['file'])}: {html.escape(row['what'])}"
             f"{', ' + str(row['bytes']) + ' bytes' if row['bytes'] else ''}</li>" for row in disk.damage]
    first = max(1, len(done) - _SHOWN + 1)
    return (f'<div role="status"><p><strong>{html.escape(verdict(outcome))}</strong></p>'
            f'<p>The last disk operations before the cut:</p><ol start="{first}">{"".join(steps)}</ol>'
            f"<p>What the cut took:</p><ul>{''.join(taken) or '<li>nothing</li>'}</ul></div>")


def _step(row: dict) -> str:
    size = f", {row['bytes']} bytes" if row["bytes"] else ""
    return f"{row['what']} {row['file']}{size}".strip()
