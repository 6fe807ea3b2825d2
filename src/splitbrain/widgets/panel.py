"""A cluster to look at and to break: the widget.

The page draws one trait, `snapshot`, and sends wishes. Every wish becomes one call of the cluster's own methods
(`splitbrain.widgets.deeds`), and the panel is redrawn after every call, whoever made it: a click and a line of code
are the same thing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

import anywidget
import traitlets

from splitbrain.errors import Refused, RpcError
from splitbrain.widgets.bundle import bundle
from splitbrain.widgets.deeds import deed, form
from splitbrain.widgets.follow import Follower
from splitbrain.widgets.kernel import after_the_cell, in_a_cell, interruptible, kernel_id
from splitbrain.widgets.layout import circle
from splitbrain.widgets.snapshot import copies, snapshot

_HERE = Path(__file__).parent
_PACE = 0.03
"""Seconds between two pictures sent from one running cell; a loop of a thousand calls need not send a thousand."""

_STILL = "A still picture of the panel. Run this cell to use the panel itself."


class Panel(anywidget.AnyWidget):
    """A cluster drawn, with everything in it to be touched.

    Click a link, or Tab to it and press Enter or Space, to cut or heal it; a node to crash or restart it. Whatever
    the panel does is a method of the cluster, and shown as code; whatever a cell does with the cluster shows in the
    panel.

    Parameters
    ----------
    cluster : Cluster
    operations : sequence of str
        What clients can ask, written as it would be defined; the defaults are what the fields hold at first.
    run_ms : float
        Virtual milliseconds of the button *run*, at first.
    verdict : callable
        ``verdict(cluster)`` gives the line at the top: a text or a `splitbrain.records.Verdict`. By default it says
        whether the databases of the running nodes hold the same.
    variable : str
        What the cluster is called in the code that is shown.

    Attributes
    ----------
    snapshot : dict
        All that the page draws: plain data, the same for the same history of the cluster, and never longer for
        a longer run.

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
    _css = (_HERE / "panel.css").read_text(encoding="utf-8")

    setup = traitlets.Dict().tag(sync=True)
    snapshot = traitlets.Dict().tag(sync=True)

    def __init__(self, cluster, *, operations: Sequence[str] = ("put(key='x', value=1)", "get(key='x')"),
                 run_ms: float = 100, verdict: Callable[[Any], Any] = copies, variable: str = "cluster"):
        self.cluster = cluster
        self.verdict = verdict
        self.variable = variable
        self._forms = [form(text) for text in operations]
        self._layout = circle(cluster.names)
        self._follower = Follower()
        self._wishes: deque = deque()
        self._carried_out = 0
        self._code = ""
        self._busy = False
        self._drawn_at = 0.0
        self._owed = False
        self._setup = self._describe(run_ms)
        super().__init__(setup=self._setup, snapshot=self._look())
        self.on_msg(self._receive)
        cluster.watchers.append(self._changed)

    def _describe(self, run_ms: float) -> dict:
        """What of the panel never changes."""
        layout = self._layout
        return {
            "title": f"A cluster of {len(self.cluster.names)} nodes", "names": list(self.cluster.names),
            "operations": [f.plain() for f in self._forms], "run_ms": run_ms, "width": layout.width,
            "height": layout.height, "card_width": layout.card_width, "card_height": layout.card_height,
            "kernel": kernel_id(),
        }

    def _look(self) -> dict:
        self._follower.read(self.cluster)
        seen = snapshot(self.cluster, self._layout, self._follower, self.verdict, self.variable)
        self._follower.shown()
        return seen | {"code": self._code, "wishes": self._carried_out}

    def refresh(self) -> None:
        """Draw the cluster as it is now. What is done to the cluster draws it by itself, if a moment later."""
        self._draw()

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
        self.snapshot = self._look()
        self._drawn_at = monotonic()

    def _catch_up(self) -> None:
        if self._owed:
            self._draw()

    def _receive(self, _, content: Any, __) -> None:
        """A message from the page, on whatever thread, at whatever moment: it is put in the queue."""
        self.wish(content.get("wish") if isinstance(content, Mapping) else content)

    def wish(self, wish: Mapping[str, Any]) -> None:
        """Do what a click does, in its turn: ``panel.wish({"action": "cut", "nodes": ["n1", "n2"]})``."""
        self._wishes.append(wish)
        after_the_cell(self._carry_out_all)

    def _carry_out_all(self) -> None:
        if self._busy:
            return
        while self._wishes:
            self._busy = True
            try:
                self._carry_out(self._wishes.popleft())
            finally:
                self._busy = False
                self._carried_out += 1
                self._draw()

    def _carry_out(self, wish: Any) -> None:
        said = self._follower.said
        try:
            wanted = deed(wish if isinstance(wish, Mapping) else {}, self.cluster, self._forms)
            self._code = wanted.code(self.variable)
            with interruptible():
                result = wanted.carry_out(self.cluster)
            self._follower.read(self.cluster)
            if self._follower.said == said:
                self._follower.say(_nothing_to_tell(wanted.method, result))
        except (Refused, RpcError) as error:
            self._follower.read(self.cluster)  # as a rule the journal has said so already
            if self._follower.said == said:
                self._follower.say(f"{wanted.method}: {error}")
        except KeyboardInterrupt:
            self._follower.say(f"{self._code}: interrupted")
        except Exception as error:
            self._follower.read(self.cluster)
            self._follower.say(str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}")

    def close(self) -> None:
        """Stop following the cluster, and vanish from the page."""
        if self._changed in self.cluster.watchers:
            self.cluster.watchers.remove(self._changed)
        super().close()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict, dict]:
        """The widget; and for whoever opens the notebook without having run it, a picture of it."""
        self._catch_up()
        data, metadata = super()._repr_mimebundle_(**kwargs)
        return data | self._still(), metadata

    def _still(self) -> dict[str, str]:
        from splitbrain.views import topology  # draws with matplotlib, which is slow to import

        try:
            picture = topology(self.cluster)
        except Exception:  # a `values` method of a learner's may raise: the panel itself says so, and must appear
            return {}
        return {"text/html": replace(picture, caption=_STILL)._repr_html_()}

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
