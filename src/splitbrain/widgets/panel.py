"""A cluster to look at and to break: the widget.

The page draws two traits and sends wishes: `snapshot` is the present, `news` what happened since it was last told.
Every wish becomes one call of the cluster's own methods (`splitbrain.widgets.deeds`), and the panel is redrawn after
every call, whoever made it: a click and a line of code are the same thing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

import anywidget
import traitlets

from splitbrain.errors import Misuse, Refused, RpcError
from splitbrain.explore import hand_line
from splitbrain.widgets.bundle import bundle
from splitbrain.widgets.deeds import Deed, choices, deed, form
from splitbrain.widgets.follow import Follower
from splitbrain.widgets.kernel import after_the_cell, in_a_cell, interruptible, kernel_id
from splitbrain.widgets.layout import layout
from splitbrain.widgets.outcomes import outcomes
from splitbrain.widgets.reel import Reel
from splitbrain.widgets.scenarios import SCENARIOS, scenario
from splitbrain.widgets.snapshot import copies, judged, snapshot
from splitbrain.widgets.still import still

_HERE = Path(__file__).parent
_PACE = 0.03
"""Seconds between two pictures sent from one running cell; a loop of a thousand calls need not send a thousand."""


class Panel(anywidget.AnyWidget):
    """A cluster drawn, with everything in it to be touched.

    Click a link, or Tab to it and press Enter or Space, to cut or heal it; a node or a message on its way to choose
    what happens to it. Drag a node away from the others for a partition. Whatever the panel does is a method of the
    cluster, and shown as code; whatever a cell does with the cluster shows in the panel. Any past moment can be looked
    at again.

    Parameters
    ----------
    cluster : Cluster
    operations : sequence of str
        What clients can ask, written as it would be defined; the defaults are what the fields hold at first.
    run_ms : float
        Virtual milliseconds of the button *run*, at first.
    verdict : callable
        ``verdict(cluster)`` gives the line at the top: a text or a `splitbrain.records.Verdict`. By default it says
        whether the databases of the running nodes hold the same, and marks what differs; with one of your own, nothing
        is marked, since databases need not be copies.
    check : str, callable or None
        Who judges the answers of clients as the run goes, as `splitbrain.checkers.judge` takes it; None: nobody.
    variable : str
        What the cluster is called in the code that is shown.
    title : str
        What the panel is called.
    scenarios : bool
        Whether there is a menu of the classic failures.

    Attributes
    ----------
    snapshot : dict
        All that the page draws of the present: plain data, the same for the same history of the cluster, and never
        longer for a longer run.
    news : dict
        What the journal says since the last news (`splitbrain.widgets.reel`).

    Raises
    ------
    ValueError
        If an operation is not written as one.

    Notes
    -----
    A click while a cell is running waits until the cell has ended; none is lost. A wish that fails (a timeout, a
    refusal) becomes a line in the log.
    """

    _esm = bundle(_HERE / "panel.js")
    _css = "\n".join(path.read_text(encoding="utf-8") for path in sorted(_HERE.glob("css/*.css")))

    setup = traitlets.Dict().tag(sync=True)
    snapshot = traitlets.Dict().tag(sync=True)
    news = traitlets.Dict().tag(sync=True)

    def __init__(self, cluster, *, operations: Sequence[str] = ("put(key='x', value=1)", "get(key='x')"),
                 run_ms: float = 100, verdict: Callable[[Any], Any] = copies, check: Any = "linearizability",
                 variable: str = "cluster", title: str = "", scenarios: bool = True):
        self.verdict = verdict
        self.variable = variable
        self.title = title
        self._scenarios = scenarios
        self.together: list[Panel] = [self]
        self._given = cluster, tuple(operations), check, run_ms
        self._follower = Follower()
        self._wishes: deque = deque()
        self._carried_out = 0
        self._runs = 0
        self._code = self._line = ""
        self._busy = False
        self._drawn_at = 0.0
        self._owed = False
        super().__init__(**self._show(cluster, operations, check, run_ms))
        self.on_msg(self._receive)

    def _show(self, cluster, operations: Sequence[str], check: Any, run_ms: float, told: dict | None = None) -> dict:
        """Turn to a cluster; the traits for it."""
        self.cluster, self.check = cluster, check
        self._forms = [form(text) for text in operations]
        self._layout = size = layout(cluster.names)
        self._reel: Reel | None = None
        cluster.watchers.append(self._changed)
        setup = {
            "title": self.title or f"A cluster of {len(cluster.names)} nodes", "names": list(cluster.names),
            "operations": [f.plain() for f in self._forms], "run_ms": run_ms, "width": size.width,
            "height": size.height, "card_width": size.card_width, "card_height": size.card_height,
            "kernel": kernel_id(), "choices": choices(), "scenarios": self._menu(),
            "scenario": told,
        }
        return {"setup": setup} | self._look()

    def _look(self) -> dict:
        """The traits that change, as the cluster is now."""
        self._follower.read(self.cluster)
        if self._reel is None or self._reel.journal is not self.cluster.journal:
            self._reel, self._runs = self._new_reel(), self._runs + 1
        said = judged(self.verdict, self.cluster)
        news = self._reel.news(None if self.verdict is copies else said) | {"run": self._runs}
        seen = snapshot(self.cluster, self._layout, self._reel.then, said, compare=self.verdict is copies)
        return {"news": news, "snapshot": seen | {
            "run": self._runs, "log": [list(line) for line in self._follower.lines], "code": self._code,
            "line": self._line, "wishes": self._carried_out, "outcome": outcomes(self.cluster, self.check)}}

    def _menu(self) -> list[dict]:
        return [s.plain() for s in SCENARIOS.values()] if self._scenarios else []

    def _new_reel(self) -> Reel:
        return Reel(self.cluster, self._layout, told=self.verdict is copies)

    def refresh(self) -> None:
        """Draw the cluster as it is now. What is done to the cluster draws it by itself, if a moment later."""
        self._draw()

    def line(self) -> str:
        """One line that repeats all that was done: `splitbrain.explore.replay` runs it, the same to the byte.

        Raises
        ------
        Misuse
            If no line does: a cell changed a node, or a database, past the cluster's own methods.
        """
        return hand_line(self.cluster, self.check or "linearizability")

    def play(self, name: str | None) -> None:
        """Turn to a scenario that has just been run: ``panel.cluster`` is its cluster. None: back to the first one.

        Raises
        ------
        ValueError
            If there is no scenario of this name.
        """
        found = None if name is None else scenario(name)
        cluster, operations, check, run_ms = self._given
        if found is not None:
            cluster, operations, check = found.run().cluster, found.operations, found.check
        self._unwatch()
        self._follower = Follower()
        self._follower.say(f"scenario: {name}" if name else "your own cluster")
        with self.hold_sync():
            for trait, value in self._show(cluster, operations, check, run_ms, found and found.plain()).items():
                setattr(self, trait, value)

    def _changed(self) -> None:
        """Something has been done to the cluster."""
        if self._busy:
            return
        if in_a_cell() and monotonic() - self._drawn_at < _PACE:
            if not self._owed:
                self._owed = True
                after_the_cell(self._catch_up)
            return
        self._draw()

    def _draw(self) -> None:
        self._owed = False
        with self.hold_sync():
            for trait, value in self._look().items():
                setattr(self, trait, value)
        self._drawn_at = monotonic()

    def _catch_up(self) -> None:
        if self._owed:
            self._draw()

    def _receive(self, _, content: Any, __) -> None:
        """A message from the page, on whatever thread, at whatever moment: it is put in the queue."""
        if isinstance(content, Mapping) and "reel" in content:
            after_the_cell(self._tell_all)
        else:
            self.wish(content.get("wish") if isinstance(content, Mapping) else content)

    def _tell_all(self) -> None:
        """A page that has just been opened, or has missed something, gets the whole journal."""
        self._catch_up()
        self.send({"news": self._new_reel().news() | {"run": self._runs}})

    def wish(self, wish: Mapping[str, Any]) -> None:
        """Do what a click does, in its turn: ``panel.wish({"action": "cut", "nodes": ["n1", "n2"]})``."""
        self._wishes.append(wish)
        after_the_cell(self._carry_out_all)

    def _carry_out_all(self) -> None:
        if any(panel._busy for panel in self.together):
            return
        while self._wishes:
            for panel in self.together:
                panel._busy = True
            try:
                self._carry_out(self._wishes.popleft())
            finally:
                self._carried_out += 1
                for panel in self.together:
                    panel._busy = False
                    panel._draw()

    def _carry_out(self, wish: Any) -> None:
        said, self._line, action = self._follower.said, "", None
        try:
            wish = wish if isinstance(wish, Mapping) else {}
            action = wish.get("action")
            if action == "line":
                self._line = self.line()
            elif action == "scenario":
                self._code = f"panel.play({wish.get('name')!r}); cluster = panel.cluster"
                self.play(wish.get("name"))
            else:
                wanted = deed(wish, self.cluster, self._forms)
                for panel in self.together:
                    panel._do(wanted)
                self._line_up()
        except Exception as error:
            self._follower.read(self.cluster)
            if self._follower.said == said or not isinstance(error, Refused | RpcError):
                plain = isinstance(error, ValueError | Misuse)
                self._follower.say(str(error) if plain else f"{type(error).__name__}: {error}")

    def _do(self, wanted: Deed) -> None:
        """Carry out a deed on this panel's own cluster, and see that the log has a line about it."""
        said = self._follower.said
        self._code = "; ".join(wanted.code(panel.variable) for panel in self.together)
        error = result = None
        try:
            with interruptible():
                result = wanted.carry_out(self.cluster)
        except KeyboardInterrupt:
            self._follower.say(f"{wanted.code(self.variable)}: interrupted")
        except (Refused, RpcError, Misuse) as raised:
            error = raised  # as a rule the journal has said so already
        self._follower.read(self.cluster)
        if self._follower.said == said:
            self._follower.say(f"{wanted.method}: {error}" if error else _nothing_to_tell(wanted.method, result))

    def _line_up(self) -> None:
        """Clusters that are driven together stand at the same virtual time."""
        latest = max(panel.cluster.now for panel in self.together)
        for panel in self.together:
            if panel.cluster.now < latest:
                panel.cluster.run(latest - panel.cluster.now)

    def _unwatch(self) -> None:
        if self._changed in self.cluster.watchers:
            self.cluster.watchers.remove(self._changed)

    def close(self) -> None:
        """Stop following the cluster, and vanish from the page."""
        self._unwatch()
        super().close()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict, dict]:
        """The widget; and for whoever opens the notebook without having run it, a picture of it."""
        self._catch_up()
        data, metadata = super()._repr_mimebundle_(**kwargs)
        return data | still([self.cluster]), metadata

    def __repr__(self) -> str:
        self._catch_up()
        nodes = [f"{n['name']} {n['state']}" for n in self.snapshot["nodes"]]
        cut = [link["word"] if link["cut"] != "both" else f"{link['a']} - {link['b']} cut"
               for link in self.snapshot["links"] if link["cut"] != "none"]
        return f"Panel at {self.snapshot['clock']}: {'; '.join([*nodes, *cut])}. {self.snapshot['verdict']['text']}"


def _nothing_to_tell(method: str, result: Any) -> str:
    """What the log says when nothing that it tells of has happened."""
    if method == "step":
        return "a node does something inside" if result else "nothing is left to happen"
    return f"{method}: nothing has changed that is to be seen"
