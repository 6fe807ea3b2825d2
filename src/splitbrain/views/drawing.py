"""The state of a space-time diagram while it is drawn: the sheet, and which places are taken by words."""

from __future__ import annotations

from splitbrain.records import Window
from splitbrain.views import style
from splitbrain.views.canvas import Box, Canvas, text_box
from splitbrain.views.scene import Scene

SMALL = 11
ONE_COLUMN = ("crash", "pause", "slow", "skew")  # faults of one node; the others are the network's
_UPSETS = ("fault", "crash", "restart", "pause", "resume")


class Drawing:
    """A scene on a canvas. No later word is put on a box in `taken`."""

    def __init__(self, scene: Scene, windows: list[Window], canvas: Canvas):
        self.scene, self.canvas = scene, canvas
        self.taken: list[Box] = []
        self.unlabelled = 0
        first, last = scene.events[0].time, scene.events[-1].time
        self.windows = [w for w in windows if w.start <= last and (w.end is None or w.end >= first)]

    def _y(self, ms: float, fault: str | None) -> float:
        """The height of a time: that of the fault injected then, or of the first event from then on."""
        scene = self.scene
        upsets = [e for e in scene.events if e.kind in _UPSETS and e.time == ms]
        chosen = [e for e in upsets if fault in (None, e.detail.get("fault"))] or upsets
        later = chosen or [e for e in scene.events if e.time >= ms]
        return scene.y[later[0].index] if later else scene.bottom

    def span(self, window: Window) -> tuple[float, float]:
        """Top and bottom of a fault window, which may reach beyond what is shown."""
        events = self.scene.events
        top = self.scene.head if window.start < events[0].time else self._y(window.start, window.fault)
        lasts = window.end is None or window.end > events[-1].time
        return top, self.scene.bottom if lasts else self._y(window.end, None)

    def ground(self, y: float) -> str:
        """The colour behind a height: paper, or the shade of a fault window."""
        spans = [self.span(w) for w in self.windows if w.kind not in ONE_COLUMN]
        return style.SHADE if any(top <= y <= bottom for top, bottom in spans) else style.PAPER

    def is_free(self, box: Box, margin: float = 1) -> bool:
        return not any(box.meets(other, margin) for other in self.taken)

    def say(self, x: float, y: float, text: str, **look) -> None:
        """Words on a ground of their own, in a place that is theirs from now on."""
        self.taken.append(self.canvas.text(x, y, text, size=SMALL, ground=self.ground(y), **look))

    def say_beside(self, x: float, y: float, text: str, *, colour: str = style.INK, weight: str = "normal") -> None:
        """Words to the right of a line, or to its left where those to the right are in the way."""
        beyond = [c for c in self.scene.x.values() if c > x]
        text = style.fit(text, (min(beyond) - x if beyond else self.scene.width - x) - 26, SMALL, weight)
        for place, align in ((x + 11, "left"), (x - 11, "right")):
            if self.is_free(text_box(place, y, text, size=SMALL, align=align, weight=weight)):
                self.say(place, y, text, colour=colour, align=align, weight=weight)
                return
        self.unlabelled += 1
