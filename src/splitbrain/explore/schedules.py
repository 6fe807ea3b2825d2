"""What a search tries: some of an experiment's operations, at times and with luck of their own, and what goes wrong.

Each part of a schedule stands for itself: an operation that is taken away, or a fault, leaves the others what they
were. That is what lets a failing run be cut down.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, TypeVar

from splitbrain import faults as f
from splitbrain.errors import Misuse
from splitbrain.faults import At, Fault, at
from splitbrain.records import Journal
from splitbrain.workloads import Planned, Workload

T = TypeVar("T")
Group = tuple[At, ...]  # a fault, and what ends it

_WHILE = (None, 10, 40, 150)  # ms that a fault lasts; None: to the end
_POINTS = 80  # the crash points that are tried lie before this one


class Luck:
    """Random choices, the same on every Python. (`random.Random.random` is promised to stay, its other methods not.)"""

    def __init__(self, seed: int):
        self._random = Random(seed).random

    def upto(self, most: int) -> int:
        """A whole number from 0 to `most`."""
        return int(self._random() * (most + 1))

    def pick(self, *values: T) -> T:
        return values[self.upto(len(values) - 1)]

    def some(self, values: Sequence[T], count: int) -> list[T]:
        """So many of the values, in any order."""
        left = list(values)
        return [left.pop(self.upto(len(left) - 1)) for _ in range(min(count, len(left)))]


@dataclass(frozen=True, slots=True)
class OnMessage:
    """A fault of one message: the `nth` that an operation of the schedule sends from source to target.

    Which operation of its client that is (``"c1#0"``) follows from what else is asked, so `of` says it last.
    """

    operation: Planned
    source: str
    target: str
    nth: int
    ms: int | None = None  # lost, or so much later

    def of(self, operations: Sequence[Planned]) -> Group:
        """The fault among these operations; nothing if its own is not among them."""
        if self.operation not in operations:
            return ()
        own = [o for o in operations if o.process == self.operation.process]
        name = f"{self.operation.process}#{own.index(self.operation)}"
        if self.ms is None:
            return (at(0, f.drop(name, self.source, self.target, nth=self.nth)),)
        return (at(0, f.delay(name, self.source, self.target, self.ms, nth=self.nth)),)


@dataclass(frozen=True, slots=True)
class Schedule:
    """One run to try: how many nodes, what is asked, what goes wrong."""

    nodes: int
    operations: tuple[Planned, ...]
    faults: tuple[Group | OnMessage, ...] = ()

    @property
    def groups(self) -> list[Group]:
        """The faults, each with its end."""
        told = [one.of(self.operations) if isinstance(one, OnMessage) else one for one in self.faults]
        return [group for group in told if group]

    def spelled(self) -> tuple[At, ...]:
        """The faults and their ends as a cluster follows them, in the order of their times."""
        return tuple(sorted((one for group in self.groups for one in group), key=lambda one: one.ms))

    def moved(self, places: Mapping[Planned, Planned]) -> Schedule:
        """The same with other operations in the place of some; a fault of a message goes with its operation."""
        faults = (replace(one, operation=places.get(one.operation, one.operation)) if isinstance(one, OnMessage)
                  else one for one in self.faults)
        return Schedule(self.nodes, in_order([places.get(o, o) for o in self.operations]), tuple(faults))

    def timed(self, journal: Journal, *, later: float = 0.0) -> Schedule:
        """The same with crashes at a time, so many milliseconds after they came, for those at a crash point.

        Those that never came are left out.
        """
        came: dict[str, list[float]] = {}
        for event in journal.of("crash"):
            came.setdefault(event.node, []).append(event.time)
        at_points = [group for group in self.faults if isinstance(group, tuple) and group[0].fault.name == "crash_at"]
        for group in self.groups:  # these have told their time already
            if group[0].fault.name == "crash" and group[0].ms in came.get(group[0].fault.args[0], ()):
                came[group[0].fault.args[0]].remove(group[0].ms)
        at_points.sort(key=lambda group: group[0].fault.args[1])
        timed = {group: _timed(group[0].fault, came, later) for group in at_points}
        return replace(self, faults=tuple(group for one in self.faults if (group := timed.get(one, one))))

    def size(self) -> tuple[int, int, int]:
        """By which of two schedules is the smaller."""
        return self.nodes, len(self.operations) + len(self.groups), len(self.spelled())


def _timed(crash: Fault, came: dict[str, list[float]], later: float) -> Group:
    """A crash at a point as one at the next time that its node crashed."""
    (node, _), options = crash.args, dict(crash.options)
    if not came.get(node):
        return ()
    ms = round(came[node].pop(0) + later, 3)
    end = () if "restart" not in options else (at(round(ms + options["restart"], 3), f.restart(node)),)
    return (at(ms, f.crash(node, kind=options.get("kind", "process"))), *end)


@dataclass(frozen=True)
class Alphabet:
    """From what schedules are drawn.

    Attributes
    ----------
    workload : Workload
        Each operation may be left out, and moved to another time; the last `workload.final` of them may be neither.
    names : tuple of str
        Of the nodes in the largest cluster.
    kinds : tuple of str
        The faults that may happen.
    most_operations, most_faults : int
        A fault and what ends it are one.
    span : int
        Milliseconds within which operations begin and faults happen.

    Raises
    ------
    Misuse
        If there is no such fault.
    """

    workload: Workload
    names: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    most_operations: int = 16
    most_faults: int = 2
    span: int = 150

    def __post_init__(self) -> None:
        unknown = [kind for kind in self.kinds if kind not in _KINDS]
        if unknown:
            raise Misuse(f"fuzz knows no fault {unknown[0]!r}; it knows {', '.join(KINDS)}")

    def draw(self, nodes: int, seed: int) -> Schedule:
        """The schedule that follows from a seed, for so many nodes."""
        luck = Luck(seed)
        last = len(self.workload.operations) - self.workload.final
        chosen = luck.some(self.workload.operations[:last], luck.upto(self.most_operations))
        moved = [replace(o, at=float(luck.upto(self.span)), salt=luck.upto(999_999)) for o in chosen]
        operations = (*in_order(moved), *self.workload.operations[last:])
        scene = Scene(luck, self.names[:nodes], operations, self.span)
        kinds = [kind for kind in self.kinds if nodes > 1 or kind not in _BETWEEN]
        count = min(luck.upto(self.most_faults), luck.upto(self.most_faults)) if kinds else 0  # few tell more
        return Schedule(nodes, operations, tuple(_KINDS[luck.pick(*kinds)](scene) for _ in range(count)))


def in_order(operations: Sequence[Planned]) -> tuple[Planned, ...]:
    return tuple(sorted(operations, key=lambda o: (o.at, o.process)))


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a fault is drawn."""

    luck: Luck
    names: tuple[str, ...]
    operations: tuple[Planned, ...]
    span: int

    def node(self) -> str:
        return self.luck.pick(*self.names)

    def lasting(self, begin: Fault, end: Fault) -> Group:
        """A fault at some time; and after a while its end, or none."""
        start, ms = self.luck.upto(self.span), self.luck.pick(*_WHILE)
        return (at(start, begin),) if ms is None else (at(start, begin), at(start + ms, end))

    def message(self, ms: int | None) -> Group | OnMessage:
        """A fault of a message that some operation may well send: between its client, its node and the others."""
        if not self.operations:
            return ()
        own = self.luck.pick(*self.operations)
        home = self.names[own.node % len(self.names)]
        other = self.luck.pick(own.process, *(name for name in self.names if name != home))
        ends = self.luck.pick((home, other), (other, home))
        return OnMessage(own, *ends, nth=self.luck.upto(2), ms=ms)


def _partition(scene: Scene) -> Group:
    side = scene.luck.upto(2 ** (len(scene.names) - 1) - 2) + 1  # the last node is always on the other
    groups = [[name for i, name in enumerate(scene.names) if side >> i & 1 == here] for here in (1, 0)]
    return scene.lasting(f.partition(*groups), f.heal())


def _isolate(scene: Scene) -> Group:
    return scene.lasting(f.isolate(scene.node()), f.heal())


def _cut(scene: Scene) -> Group:
    a, b = scene.luck.some(scene.names, 2)
    return scene.lasting(f.cut(a, b, one_way=scene.luck.pick(False, True)), f.heal(a, b))


def _crash(scene: Scene) -> Group:
    name = scene.node()
    return scene.lasting(f.crash(name, kind=scene.luck.pick("process", "power")), f.restart(name))


def _crash_at(scene: Scene) -> Group:
    luck = scene.luck
    return (at(0, f.crash_at(scene.node(), 1 + luck.upto(_POINTS), kind=luck.pick("process", "power"),
                             restart=luck.pick(*_WHILE))),)


def _pause(scene: Scene) -> Group:
    name = scene.node()
    return scene.lasting(f.pause(name), f.resume(name))


def _slow(scene: Scene) -> Group:
    name = scene.node()
    return scene.lasting(f.slow(name, scene.luck.pick(20, 100)), f.slow(name, 0))


def _loss(scene: Scene) -> Group:
    return scene.lasting(f.loss(scene.luck.pick(0.1, 0.3)), f.loss(0))


def _duplicate(scene: Scene) -> Group:
    return scene.lasting(f.duplicate(scene.luck.pick(0.1, 0.3, 1.0)), f.duplicate(0))


def _reorder(scene: Scene) -> Group:
    ms = scene.luck.pick(20, 100)
    return scene.lasting(f.reorder(scene.luck.pick(0.1, 0.3), ms), f.reorder(0, ms))


_KINDS: dict[str, Callable[[Scene], Any]] = {
    "drop": lambda scene: scene.message(None), "delay": lambda scene: scene.message(scene.luck.pick(20, 60, 200)),
    "isolate": _isolate, "cut": _cut, "partition": _partition, "crash": _crash, "crash_at": _crash_at,
    "pause": _pause, "slow": _slow, "loss": _loss, "duplicate": _duplicate, "reorder": _reorder}
_BETWEEN = {"isolate", "cut", "partition"}  # these need two nodes
KINDS = tuple(_KINDS)
