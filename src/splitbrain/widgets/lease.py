"""A lease and a fence: choose what goes wrong, and see who believes what, and what the store accepts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from splitbrain.checkers.single_writer import single_writer
from splitbrain.cluster import Cluster
from splitbrain.faults import At, at, cut, heal, pause, resume, skew
from splitbrain.protocols.leases import FencedStore, Holder, LeaseServer, OpenStore
from splitbrain.records import Verdict
from splitbrain.views import Picture, style
from splitbrain.views.canvas import Canvas, legend, plain_settings
from splitbrain.widgets.explorer import Explorer, number, one_of

NOTHING, PAUSED = "nothing", "a is paused"
CUT, SLOW = "a is cut from the lease server", "a is cut from it, and its clock is slow"
OPEN, FENCED = "takes every write", "checks the token"
END, STEP = 1500, 5  # milliseconds
_COLOURS = {"a": style.BLUE, "b": style.ORANGE}
_LEFT, _RIGHT = 112, 40
_LANES = {"lease server": 86, "a believes": 130, "b believes": 174, "store": 228}


@dataclass(frozen=True)
class Span:
    """A stretch of time, milliseconds, of one holder's epoch."""

    begin: float
    end: float
    holder: str
    epoch: int


@dataclass(frozen=True)
class Seen:
    """What happened: leases by the server's clock, what holders believed, and ``(ms, holder, epoch, accepted)``."""

    leases: list[Span]
    beliefs: list[Span]
    writes: list[tuple[float, str, int, bool]]
    verdict: Verdict


class LeaseExplorer(Explorer):
    """Two nodes want one lease; whoever has it writes to a store.

    Attributes
    ----------
    wrong : str
        What goes wrong with a, which has the lease first.
    since, lasts : int
        When, and for how long, in milliseconds.
    length : int
        Of a lease, milliseconds.
    margin : int
        Holders stop so many milliseconds before the end of it.
    store : str
        Whether the store checks the token.

    Examples
    --------
    >>> print(LeaseExplorer(store="checks the token").picture.alt.splitlines()[0])
    Node a is paused at 445 ms for 500: the store accepts 16 writes and refuses 1.
    """

    title = "A lease, and a fence"
    wrong = one_of(PAUSED, "What goes wrong", [NOTHING, CUT, SLOW, PAUSED])
    since = number(445, "at", 300, 800, step=5, unit="ms")
    lasts = number(500, "for", 0, 1000, step=50, unit="ms")
    length = number(300, "A lease lasts", 100, 600, step=20, unit="ms")
    margin = number(0, "Holders stop earlier by", 0, 200, step=5, unit="ms")
    store = one_of(OPEN, "The store", [OPEN, FENCED])

    def draw(self) -> Picture:
        return lease_picture(**self.settings)


def lease_run(wrong: str = PAUSED, since: int = 445, lasts: int = 500, length: int = 300, margin: int = 0,
              store: str = OPEN) -> Seen:
    """Run it; see `LeaseExplorer`."""
    kinds = {"lease": type("Lease", (LeaseServer,), {"length": float(length)}),
             "store": FencedStore if store == FENCED else OpenStore}
    holder = type("Writer", (Holder,), {"margin": float(margin)})
    believed: list[Span] = []
    with Cluster(nodes=kinds | {"a": holder, "b": holder}, seed=1) as cluster:
        cluster.follow(_faults(wrong, since, lasts))
        for now in range(0, END, STEP):
            cluster.run(STEP)
            believed += [Span(now, now + STEP, name, node.epoch) for name, node in (("a", cluster["a"]),
                         ("b", cluster["b"])) if node.epoch is not None and node.now < node.until]
        verdict = single_writer(cluster["store"].log())
        leases, writes = _answers(cluster)
    return Seen(_joined(leases), _joined(believed), writes, verdict)


def _faults(wrong: str, since: int, lasts: int) -> list[At]:
    slow = [at(200, skew("a", 0, rate=0.5))] if wrong == SLOW else []
    if wrong == PAUSED:
        return [at(since, pause("a")), at(since + lasts, resume("a"))]
    return [*slow, at(since, cut("a", "lease")), at(since + lasts, heal("a", "lease"))] if wrong != NOTHING else []


def _answers(cluster: Cluster) -> tuple[list[Span], list[tuple[float, str, int, bool]]]:
    """What the lease server granted and what became of each write, from the messages."""
    asked, leases, writes = {}, [], []
    for event in cluster.journal.of("send"):
        message = event.message
        if message.kind == "request":
            asked[message.id] = message
            continue
        question = asked[message.reply_to]
        granted = message.kind == "response"
        if question.target == "store":
            writes.append((event.time, question.source, question.body[0], granted))
        elif question.target == "lease" and granted:
            epoch, length = message.body
            leases.append(Span(event.time, event.time + length, question.source, epoch))
    return leases, writes


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Those of one epoch that touch as one, and none beyond the end."""
    whole: dict[tuple[str, int], list[Span]] = {}
    for span in spans:
        known = whole.setdefault((span.holder, span.epoch), [])
        if known and span.begin <= known[-1].end:
            span = Span(known.pop().begin, span.end, span.holder, span.epoch)
        known.append(Span(span.begin, min(span.end, END), span.holder, span.epoch))
    return [span for known in whole.values() for span in known]


def lease_picture(wrong: str = PAUSED, since: int = 445, lasts: int = 500, length: int = 300, margin: int = 0,
                  store: str = OPEN) -> Picture:
    """Who had the lease, who believed so, and what the store took; see `LeaseExplorer`."""
    seen = lease_run(wrong, since, lasts, length, margin, store)
    title = "Nothing goes wrong" if wrong == NOTHING else f"Node {wrong} at {since} ms for {lasts}"
    more = f"Leases of {length} ms, left {margin} ms early; the store {store}."
    with plain_settings():
        canvas = Canvas(760, 300)
        canvas.text(16, 22, title, weight="bold")
        canvas.text(16, 44, more, size=11, colour=style.SOFT)
        _draw(canvas, seen, (since, since + lasts) if wrong == PAUSED else None)
    accepted = sum(granted for *_, granted in seen.writes)
    alt = f"{title}: the store accepts {accepted} writes and refuses {len(seen.writes) - accepted}.\n{more}\n"
    alt += f"{seen.verdict.status.capitalize()}: {seen.verdict.explanation}."
    table = [{"who": span.holder, "epoch": span.epoch, "what": what, "from ms": round(span.begin),
              "to ms": round(span.end)} for what, spans in (("has the lease", seen.leases),
             ("believes that it has it", seen.beliefs)) for span in spans]
    table += [{"who": holder, "epoch": epoch, "what": f"its writes, {'accepted' if granted else 'refused'}",
               "from ms": round(first), "to ms": round(last)} for holder, epoch, granted, first, last
              in _runs(seen.writes)]
    return Picture.from_figure(canvas.figure, alt, table, f"{seen.verdict.status}: {seen.verdict.explanation}.")


def _runs(writes: list[tuple[float, str, int, bool]]) -> list[tuple[str, int, bool, float, float]]:
    """Writes of one kind that follow each other, with the times of the first and the last."""
    runs: list[tuple[str, int, bool, float, float]] = []
    for ms, *kind in writes:
        first = runs.pop()[3] if runs and list(runs[-1][:3]) == kind else ms
        runs.append((*kind, first, ms))
    return runs


def _draw(canvas: Canvas, seen: Seen, paused: tuple[float, float] | None) -> None:
    def across(ms: float) -> float:
        return _LEFT + (canvas.width - _LEFT - _RIGHT) * min(ms, END) / END

    for name, y in _LANES.items():
        canvas.text(16, y, name, size=12)
        canvas.line([(_LEFT, y), (canvas.width - _RIGHT, y)], colour=style.FRAME)
    if paused:
        begin, end = map(across, paused)
        y = _LANES["a believes"]
        canvas.box(begin, y - 20, max(end - begin, 2), 40, fill=style.SHADE, edge=None, z=0.5)
        canvas.text((begin + end) / 2, y + 15, "paused", size=11, colour=style.SOFT, align="center")
    for span in seen.leases:
        _bar(canvas, across, span, _LANES["lease server"])
    for span in seen.beliefs:
        _bar(canvas, across, span, _LANES[f"{span.holder} believes"])
    _writes(canvas, across, seen)
    for ms in range(0, END + 1, 250):
        canvas.line([(across(ms), 248), (across(ms), 253)])
        canvas.text(across(ms), 262, f"{ms} ms" if ms else "0", size=11, colour=style.SOFT, align="center")
    legend(canvas, 16, 286, [
        (lambda c, x, y: c.circle(x, y, 5, fill=_COLOURS["a"]), "a's write"),
        (lambda c, x, y: _square(c, x, y, _COLOURS["b"]), "b's write"),
        (lambda c, x, y: c.cross(x, y, 5, colour=style.INK), "refused"),
        (lambda c, x, y: c.circle(x, y, 9, fill=None, edge=style.VERMILLION, line=2), "accepted after a later epoch")])


def _bar(canvas: Canvas, across, span: Span, y: float) -> None:
    begin, end = across(span.begin), across(span.end)
    tint = style.TINTS["blue" if span.holder == "a" else "yellow"]
    canvas.box(begin, y - 10, max(end - begin, 2), 20, fill=tint, edge=style.INK, radius=3, z=2)
    canvas.text((begin + end) / 2, y, style.fit(f"{span.holder}, epoch {span.epoch}", end - begin - 6, 11), size=11,
                align="center")


def _writes(canvas: Canvas, across, seen: Seen) -> None:
    y, latest = _LANES["store"], 0
    for ms, holder, epoch, granted in seen.writes:
        x = across(ms)
        if not granted:
            canvas.cross(x, y, 6, colour=style.INK)
            continue
        if holder == "a":
            canvas.circle(x, y, 5, fill=_COLOURS["a"])
        else:
            _square(canvas, x, y, _COLOURS["b"])
        if epoch < latest:
            canvas.circle(x, y, 10, fill=None, edge=style.VERMILLION, line=2.5)
        latest = max(latest, epoch)


def _square(canvas: Canvas, x: float, y: float, colour: str) -> None:
    canvas.box(x - 4.5, y - 4.5, 9, 9, fill=colour, edge=style.INK, z=4)
