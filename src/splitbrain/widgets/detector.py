"""A failure detector's threshold: suspect soon and wrongly, or late and rightly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from splitbrain.latency import Distribution, exponential, mixture, pareto, uniform
from splitbrain.theory.detection import HOUR, Tradeoff, fixed, heartbeats, phi_accrual
from splitbrain.views import Picture, style
from splitbrain.views.canvas import Box, Canvas, plain_settings
from splitbrain.views.chart import Axis, Chart
from splitbrain.widgets.explorer import Explorer, one_of

TIMEOUT, PHI = "fixed timeout", "phi accrual"
HOURS = 2
_CALM, _BUSY = uniform(1, 20), mixture((0.7, uniform(20, 150)), (0.3, pareto(60, 2.5)))


def _weather(sent: float) -> Distribution:
    return _BUSY if int(sent / (HOUR / 4)) % 2 else _CALM


DELAYS: Mapping[str, Distribution | Callable[[float], Distribution]] = {
    "steady": uniform(1, 20), "exponential": exponential(20), "heavy tail": mixture((0.9, uniform(1, 20)),
                                                                                    (0.1, pareto(20, 1.5))),
    "calm and busy by turns": _weather,
}
"""How long heartbeats take, milliseconds; the last changes every quarter of an hour."""


class DetectorExplorer(Explorer):
    """When is silence suspicious?

    Attributes
    ----------
    detector : "fixed timeout" or "phi accrual"
    timeout : int
        Milliseconds of silence, for the fixed timeout.
    phi : float
        The threshold, for phi accrual.
    interval : int
        Milliseconds between heartbeats.
    delays : str
        How long heartbeats take: a name in `splitbrain.widgets.detector.DELAYS`.
    lost : float
        Per cent of heartbeats that never arrive.

    Examples
    --------
    >>> print(DetectorExplorer(delays="steady", timeout=200).picture.alt.splitlines()[0])
    Fixed timeout, 200 ms: a crash is noticed after 161 ms in the mean, 0 false alarms an hour.
    """

    title = "A failure detector's threshold"
    detector = one_of(TIMEOUT, "Detector", [TIMEOUT, PHI])
    timeout = one_of(300, "Timeout", [105, 110, 120, 130, 150, 175, 200, 250, 300, 400, 500, 700, 1000, 2000, 5000],
                     unit="ms", slider=True)
    phi = one_of(3.0, "Threshold of phi", [0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0], slider=True)
    interval = one_of(100, "A heartbeat every", [50, 100, 200, 500, 1000], unit="ms", slider=True)
    delays = one_of("heavy tail", "Delays", list(DELAYS))
    lost = one_of(0.0, "Lost", [0.0, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0], unit="%", slider=True)

    def draw(self) -> Picture:
        return detector_picture(**self.settings)


@lru_cache(maxsize=16)
def _tradeoffs(interval: int, delays: str, lost: float) -> dict[str, Tradeoff]:
    beats = heartbeats(interval, DELAYS[delays], lost=lost / 100, count=HOURS * HOUR // interval)
    return {TIMEOUT: fixed(beats), PHI: phi_accrual(beats)}


def detector_picture(detector: str = TIMEOUT, timeout: float = 300, phi: float = 3.0, *, interval: int = 100,
                     delays: str = "heavy tail", lost: float = 0.0) -> Picture:
    """Detection time against false alarms, for every threshold of both; see `DetectorExplorer`."""
    found = _tradeoffs(interval, delays, lost)
    thresholds = {TIMEOUT: [interval * (1 + 0.02 * 1.09**i) for i in range(100)],
                  PHI: [0.3 * 1.05**i for i in range(90)]}
    chosen = {TIMEOUT: timeout, PHI: phi}
    with plain_settings():
        canvas = Canvas(760, 420)
        _draw(canvas, found, thresholds, detector, chosen)
    caption = (f"False alarms are those of {HOURS} hours with a node that is well; a crash comes at any moment alike. "
               "Down and left is better; no threshold reaches the corner.")
    return Picture.from_figure(canvas.figure, _alt(found, detector, chosen, interval),
                               _table(found, detector, chosen), caption)


def _draw(canvas: Canvas, found: dict[str, Tradeoff], thresholds: dict[str, list[float]], detector: str,
          chosen: dict[str, float]) -> None:
    curves = {name: [(one.detection(t), one.false_alarms(t)) for t in thresholds[name]] for name, one in found.items()}
    seen = [point for points in curves.values() for point in points if point[1] > 0]
    here = (max(0.0, found[detector].detection(chosen[detector])), found[detector].false_alarms(chosen[detector]))
    end = max(max(x for x, _ in seen) * 1.1, here[0] * 1.6)
    least = 1 / HOURS / 2  # below one in all these hours there is nothing to count: drawn here, and called none
    chart = Chart(canvas, Box(20, 20, 740, 405), Axis("ms from crash to suspicion, in the mean", 0, end),
                  Axis("false alarms an hour", least, 36_000, log=True, spell="{:,.0f}".format),
                  "What a threshold buys")
    looks = {TIMEOUT: {"colour": style.BLUE}, PHI: {"colour": style.VERMILLION, "dash": (7, 4)}}
    for name, points in curves.items():
        inside = [point for point in points if 0 <= point[0] <= end]
        chart.curve(inside, width=2.4 if name == detector else 1.6, **looks[name])
    for i, name in enumerate(curves):
        x, y = chart.inside.right - 150, chart.inside.top + 12 + 20 * i
        canvas.line([(x, y), (x + 30, y)], width=2, **looks[name])
        canvas.text(x + 38, y, name, size=11, ground=style.PAPER)
    canvas.text(chart.inside.left - 6, chart.inside.bottom, "none", size=11, colour=style.SOFT, align="right")
    words = f"{_spell(detector, chosen)}: {here[0]:.0f} ms, {_rate(here[1])}"
    chart.mark(*here, words, shape="circle" if detector == TIMEOUT else "diamond")


def _spell(detector: str, chosen: dict[str, float]) -> str:
    return f"timeout {chosen[TIMEOUT]:g} ms" if detector == TIMEOUT else f"phi {chosen[PHI]:g}"


def _rate(alarms: float) -> str:
    return f"{alarms:.0f} an hour" if alarms >= 10 or alarms == 0 else f"{alarms:.1f} an hour"


def _alt(found: dict[str, Tradeoff], detector: str, chosen: dict[str, float], interval: int) -> str:
    def of(name: str) -> str:
        alarms = found[name].false_alarms(chosen[name])
        count = f"{alarms:.0f}" if alarms >= 10 or alarms == 0 else f"{alarms:.1f}"
        threshold = f"{chosen[name]:g} ms" if name == TIMEOUT else f"threshold {chosen[name]:g}"
        return (f"{name.capitalize()}, {threshold}: a crash is noticed after "
                f"{max(0.0, found[name].detection(chosen[name])):.0f} ms in the mean, {count} false alarms an hour.")

    other = PHI if detector == TIMEOUT else TIMEOUT
    said = [of(detector), f"For comparison: {of(other)}", _equal(found, detector, chosen)]
    if chosen[TIMEOUT] <= interval:
        said.append("A timeout no longer than the interval suspects a node that is well again and again.")
    return "\n".join(said)


def _equal(found: dict[str, Tradeoff], detector: str, chosen: dict[str, float]) -> str:
    """How long the other detector takes with no more false alarms."""
    other = PHI if detector == TIMEOUT else TIMEOUT
    alarms = found[detector].false_alarms(chosen[detector])
    steps = [0.02 * i for i in range(1, 2000)] if other == PHI else range(1, 20_000)
    fit = next((t for t in steps if found[other].false_alarms(t) <= alarms), None)
    if fit is None:
        return f"With no more false alarms: {other} would need a threshold beyond what is drawn."
    spelled = f"{fit:g} ms" if other == TIMEOUT else f"threshold {fit:.2f}"
    return f"With no more false alarms, {other} takes {found[other].detection(fit):.0f} ms ({spelled})."


def _table(found: dict[str, Tradeoff], detector: str, chosen: dict[str, float]) -> list[dict]:
    controls = DetectorExplorer.controls()
    listed = {TIMEOUT: controls["timeout"]["options"], PHI: controls["phi"]["options"]}
    return [{"detector": name, "threshold": f"{t:g} ms" if name == TIMEOUT else f"phi {t:g}",
             "ms to detect": f"{max(0.0, found[name].detection(t)):.0f}",
             "false alarms an hour": f"{found[name].false_alarms(t):.1f}",
             "chosen": "yes" if (name, t) == (detector, chosen[detector]) else ""}
            for name in found for t in sorted({*listed[name], chosen[name]})]
