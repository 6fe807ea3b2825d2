"""How a cluster is hurt: every fault as a method. `splitbrain.faults` names the same faults as values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from splitbrain.errors import Crash, Misuse
from splitbrain.faults import FAULTS, At, Fault
from splitbrain.latency import Distribution
from splitbrain.network import Endpoint, Link

_CUTS = ["partition", "cut", "isolate"]


class Injection:
    """The methods of `splitbrain.cluster.Cluster` that inject faults. Each is put down in its `schedule`."""

    def apply(self, fault: Fault) -> None:
        """Inject a fault now."""
        if isinstance(fault, At):
            raise Misuse(f"{fault!r} has a time: give it to an Experiment, or apply({fault.fault!r})")
        if not isinstance(fault, Fault) or fault.name not in FAULTS:
            raise Misuse(f"apply wants a fault such as partition('n1', 'n2 n3'), got {fault!r}")
        fault.apply(self)

    # Cuts.

    def partition(self, *groups: str | Iterable[str]) -> None:
        """Split the network into groups; nodes that are not named form one more. Clients stand with their node.

        A new partition replaces the one before; links that were cut by hand stay cut. A message is lost if its link
        is cut when it is sent, or when it would arrive.
        """
        sides = [g.split() if isinstance(g, str) else list(g) for g in groups]
        named = [name for side in sides for name in side]
        for name in named:
            self._known(name)
        twice = [name for name in named if named.count(name) > 1]
        if twice:
            raise Misuse(f"{twice[0]} is in two groups: a partition puts each node on one side")
        rest = [name for name in self.names if name not in named]
        sides = [side for side in [*sides, rest] if side]
        if len(sides) < 2:
            raise Misuse(f"partition{groups!r} leaves everyone on one side: name at least one side of two")
        self._split({name: i for i, side in enumerate(sides) for name in side})
        self._put_down(Fault("partition", tuple(" ".join(side) for side in sides)), nodes=[n for s in sides for n in s],
                       groups=sides, lasts=True, ends=["partition", "isolate"])

    def isolate(self, node: str) -> None:
        """Cut a node, with the clients beside it, from everyone else."""
        self._known(node)
        self._split({name: int(name == node) for name in self.names})
        self._put_down(Fault("isolate", (node,)), nodes=[node], lasts=True, ends=["partition", "isolate"],
                       groups=[[node], [n for n in self.names if n != node]])

    def cut(self, a: str, b: str, *, one_way: bool = False) -> None:
        """Cut a link, both ways or only from a to b."""
        self._link(a, b).severed = True
        if not one_way:
            self._link(b, a).severed = True
        self.network.refresh()
        self._put_down(Fault("cut", (a, b), (("one_way", True),) if one_way else ()), nodes=[a, b], lasts=True, ends=[])

    def heal(self, *link: str) -> None:
        """End all partitions and cuts; or, given two names, those of one link."""
        if len(link) not in (0, 2):
            raise Misuse(f"heal{link!r}: heal() mends every link, heal('n1', 'n2') one")
        if link:
            ends = [self._link(*link) and self._endpoint(name) for name in link]
            if self.network.partitioned and ends[0].side != ends[1].side:
                raise Misuse(f"heal{link!r}: a partition runs between them; heal() or another partition ends it")
        for one in self.network.select(*link):
            one.severed = False
        if not link:
            self._split({})
        self.network.refresh()
        self._put_down(Fault("heal", link), nodes=list(link), lasts=False, only=bool(link),
                       ends=["cut"] if link else _CUTS)

    # Nodes.

    def crash(self, node: str, *, kind: str = "process") -> None:
        """Let a node die now: its process (every commit stays) or its power (what was not forced goes)."""
        endpoint = self._known(node)
        _one_of(kind, "process", "power")
        if endpoint.process is None:
            raise Misuse(f"{node} has crashed already")
        self._put_down(Fault("crash", (node,), (("kind", kind),) if kind != "process" else ()), silent=True)
        self._end(endpoint, kind)

    def crash_at(self, node: str, point: int, *, kind: str = "process", restart: float | None = None) -> None:
        """Let a node die exactly before its crash point number `point`, and start it `restart` milliseconds later.

        Crash points are counted from 1 over all its lives: each message that it sends or receives, and each
        statement and commit of its code. A node can have several such crashes before it.
        """
        endpoint = self._known(node)
        _one_of(kind, "process", "power")
        if not isinstance(point, int) or point <= endpoint.points:
            raise Misuse(f"crash_at({node!r}, {point!r}): {node} has passed {endpoint.points} crash points; "
                         "name a later one")
        if restart is not None:
            _number(restart, "restart")
        plans = self._crash_plans.setdefault(node, {})
        plans[point] = kind, restart
        endpoint.crash_at = min(plans)
        options = (("kind", kind),) if kind != "process" else ()
        options += (("restart", restart),) if restart is not None else ()
        self._put_down(Fault("crash_at", (node, point), options), silent=True)

    def restart(self, node: str) -> None:
        """Start a crashed node again, on what its database holds."""
        if self._known(node).process is not None:
            raise Misuse(f"{node} has not crashed")
        self._put_down(Fault("restart", (node,)), silent=True)
        self.network.note("restart", node)
        self._start(node)
        self._changed()

    def pause(self, node: str) -> None:
        """Stop a node without killing it (as SIGSTOP does): messages and timers wait until `resume`."""
        endpoint = self._known(node)
        if endpoint.state != "up":
            raise Misuse(f"{node} is {endpoint.state} already")
        endpoint.process._set(frozen=[])
        endpoint.paused = True
        endpoint.refresh()
        self._put_down(Fault("pause", (node,)), silent=True)
        self.network.note("pause", node)

    def resume(self, node: str) -> None:
        """Let a paused node go on; what has come due meanwhile happens now, in its order."""
        endpoint = self._known(node)
        if endpoint.state != "paused":
            raise Misuse(f"{node} is not paused")
        waiting = endpoint.process.frozen
        endpoint.process._set(frozen=None)
        endpoint.paused = False
        endpoint.refresh()
        self._put_down(Fault("resume", (node,)), silent=True)
        self.network.note("resume", node)
        for function, argument in waiting:
            self.clock.call_at(self.clock.us, function, argument, ahead=True)

    def slow(self, node: str, ms: float) -> None:
        """Let the node take up every message so much later; 0 ends it."""
        endpoint = self._known(node)
        endpoint.lag_us = round(_number(ms, "ms") * 1000)
        endpoint.refresh()
        self._put_down(Fault("slow", (node, ms)), nodes=[node], lasts=ms > 0, ends=["slow"], only=True)

    def skew(self, node: str, ms: float, *, rate: float = 1.0) -> None:
        """Set a node's clock `ms` ahead of true time (or back), running `rate` times as fast; survives restarts."""
        endpoint = self._known(node)
        if not isinstance(rate, int | float) or not 0.01 <= rate <= 100:
            raise Misuse(f"a clock's rate is a number between 0.01 and 100, not {rate!r}")
        if not isinstance(ms, int | float) or not -1e12 < ms < 1e12:
            raise Misuse(f"a clock is set a number of milliseconds ahead or back, not {ms!r}")
        self._skews[node] = {"clock_offset_us": round(ms * 1000) + round(self.clock.us * (1 - rate)),
                             "clock_rate": rate, "_waits": {}}
        if endpoint.process is not None:
            endpoint.process._set(**self._skews[node])
        self._put_down(Fault("skew", (node, ms), (("rate", rate),) if rate != 1 else ()), nodes=[node],
                       lasts=bool(ms) or rate != 1, ends=["skew"], only=True)

    # Messages.

    def loss(self, share: float, *names: str) -> None:
        """Lose a share of the messages: everywhere, at one node, or on one link; 0 ends it."""
        self._impair("loss", share, names, loss=_share(share))

    def duplicate(self, share: float, *names: str) -> None:
        """Deliver a share of the messages twice; 0 ends it."""
        self._impair("duplicate", share, names, duplicate=_share(share))

    def reorder(self, share: float, ms: float, *names: str) -> None:
        """Let a share of the messages arrive `ms` later, behind others sent after them; 0 ends it."""
        self._impair("reorder", share, names, args=(share, ms), reorder=_share(share), reorder_ms=_number(ms, "ms"))

    def latency(self, distribution: Distribution, *names: str) -> None:
        """Give links another latency: all, those of one node, or one."""
        if not isinstance(distribution, Distribution):
            raise Misuse(f"latency wants a distribution such as uniform(1, 5), got {distribution!r}")
        for link in self._select(names):
            link.latency = distribution
        self.network.refresh()
        self._put_down(Fault("latency", (distribution, *names)), nodes=list(names), lasts=False, ends=[])

    def drop(self, operation: str, source: str, target: str, *, nth: int = 0) -> None:
        """Lose one message: the `nth` (from 0) that an operation, such as ``"c1#0"``, sends from source to target.

        If it is on its way, it is lost now; if not, as soon as it is sent.
        """
        flying = self._one(operation, source, target, nth)
        if flying is None:
            self._except(operation, source, target, nth, None)
        self._single("drop", operation, source, target, nth=nth)
        if flying is not None:
            self.network.lose_one(flying)
            self._changed()

    def delay(self, operation: str, source: str, target: str, ms: float, *, nth: int = 0) -> None:
        """Let one message, on its way or still to be sent, arrive `ms` later than it would."""
        _number(ms, "ms")
        flying = self._one(operation, source, target, nth)
        if flying is None:
            self._except(operation, source, target, nth, ms)
        else:
            self.network.move(flying, flying[0] + round(ms * 1000))
        self._single("delay", operation, source, target, ms, nth=nth)

    def deliver(self, operation: str, source: str, target: str, *, nth: int = 0) -> None:
        """Let one message that is on its way arrive now: before all else that is to happen."""
        self.network.move(self._one(operation, source, target, nth, needed=True), self.clock.us)
        self._single("deliver", operation, source, target, nth=nth)

    def repeat(self, operation: str, source: str, target: str, *, nth: int = 0) -> None:
        """Let one message that is on its way arrive twice: again after as long as it takes the first time."""
        self.network.copy(self._one(operation, source, target, nth, needed=True))
        self._single("repeat", operation, source, target, nth=nth)

    # How it is done.

    def follow(self, schedule: Iterable[At]) -> None:
        """Inject the faults of a schedule when their times come, counted from now.

        What cannot be then (to restart a node that never crashed) is left out, and noted in the journal: in
        a schedule that a search cuts down, one fault may have been another's reason.
        """
        for item in schedule:
            if not isinstance(item, At):
                raise Misuse(f"a schedule is a list of at(milliseconds, fault), this is not: {item!r}")
            self.clock.call_at(self.clock.us + round(item.ms * 1000), self._try, item.fault)

    def _try(self, fault: Fault) -> None:
        try:
            self.apply(fault)
        except Misuse as error:
            self.network.note("note", "", {"text": f"left out {fault!r}: {error}"})

    def reach(self, happened: int, ms: float) -> None:
        """Go on until so much has happened, and to a time: to where somebody stood who drove the same run by hand."""
        self._drive(lambda: self.clock.advance(happened, round(ms * 1000)))

    def place(self) -> int | None:
        """Where in the order of all that happens something is done by hand; None if it is done by what happens."""
        if self.clock.running:
            return None
        self.clock.happened += 1
        return self.clock.happened - 1

    def _single(self, name: str, *arguments: Any, nth: int) -> None:
        self._put_down(Fault(name, arguments, (("nth", nth),) if nth else ()), nodes=list(arguments[1:3]), lasts=False,
                       ends=[])

    def _put_down(self, fault: Fault, *, silent: bool = False, **detail: Any) -> None:
        self.schedule.append(At(self.now, fault))
        self.places.append(self.place())
        if not silent:
            detail = {"fault": repr(fault), "kind": fault.name} | detail
            self.network.note("fault", "", {k: v for k, v in detail.items() if k != "only" or v})
        self._changed()

    def _end(self, endpoint: Endpoint, kind: str) -> None:
        """A crash: fence the incarnation, roll back, unwind its coroutines. In this order, or a ``finally`` would
        still send, and a rollback would come after what it protects.
        """
        process, running, waiting = endpoint.process, self.clock.task, endpoint.process.frozen
        process._die()
        endpoint.process, endpoint.paused = None, False
        endpoint.refresh()
        if kind != "closed":
            self.network.note("crash", endpoint.name, {"kind": kind})
        self._storages[endpoint.name].crash(kind)
        self.network.lose(waiting or ())
        for task in [t for t in process.tasks if t is not running]:
            with self._inside(process, task.label):
                if not task.abandon():
                    self.clock.fail(task.undead())
        if kind != "closed":
            self._changed()

    def _die(self, name: str) -> None:
        """A crash point has been reached: crash, and raise from the very operation that the code was in."""
        endpoint, plans = self.network.endpoints[name], self._crash_plans[name]
        kind, restart = plans.pop(endpoint.points)
        endpoint.crash_at = min(plans, default=-1)
        if restart is not None:
            self._reviving += 1
            self.clock.call_at(self.clock.us + round(restart * 1000), self._revive, name)
        self._end(endpoint, kind)
        raise Crash(f"{name} crashed here")

    def _revive(self, name: str) -> None:
        self._reviving -= 1
        self._try(Fault("restart", (name,)))

    def _split(self, sides: dict[str, int]) -> None:
        """Put each node, and the clients beside it, on its side; on none if `sides` is empty."""
        for endpoint in self.network.endpoints.values():
            endpoint.side = sides.get(endpoint.home, 0)
        self.network.partitioned = bool(sides)
        self.network.refresh()

    def _impair(self, name: str, share: float, names: tuple[str, ...], args: tuple | None = None,
                **values: float) -> None:
        for link in self._select(names):
            for field, value in values.items():
                setattr(link, field, value)
        self.network.refresh()
        self._put_down(Fault(name, (*(args or (share,)), *names)), nodes=list(names), lasts=share > 0, ends=[name],
                       only=bool(names))

    def _except(self, operation: str, source: str, target: str, nth: int, value: float | None) -> None:
        self._link(source, target).exceptions[operation, nth] = value
        self.network.refresh()

    def _one(self, operation: str, source: str, target: str, nth: int, *, needed: bool = False) -> tuple | None:
        self._link(source, target)
        found = self.network.find(operation, source, target, nth)
        if found is None and needed:
            raise Misuse(f"no message number {nth} of {operation} is on its way from {source} to {target}")
        return found

    def _select(self, names: tuple[str, ...]) -> list[Link]:
        if len(names) > 2:
            raise Misuse(f"name nothing (every link), one node, or the two ends of a link, not {names!r}")
        if len(names) == 2:
            self._link(*names)
        elif names:
            self._endpoint(names[0])
        return self.network.select(*names)

    def _endpoint(self, name: str) -> Endpoint:
        if name not in self.network.endpoints:
            raise Misuse(f"there is no {name!r}; there are {', '.join(self.network.endpoints)}")
        return self.network.endpoints[name]

    def _link(self, a: str, b: str) -> Link:
        self._endpoint(a)
        self._endpoint(b)
        ends = self.network.endpoints[a], self.network.endpoints[b]
        if a == b or not (b in ends[0].targets or a in ends[1].targets):
            raise Misuse(f"there is no link from {a} to {b}")
        return self.network.link(a, b)


def _one_of(value: str, *allowed: str) -> None:
    if value not in allowed:
        raise Misuse(f"{value!r} is none of {', '.join(allowed)}")


def _share(share: float) -> float:
    if not isinstance(share, int | float) or not 0 <= share <= 1:
        raise Misuse(f"a share is a number between 0 and 1, not {share!r}")
    return share


def _number(value: float, name: str) -> float:
    if not isinstance(value, int | float) or not 0 <= value < 1e12:
        raise Misuse(f"{name} is a number, 0 or more, not {value!r}")
    return value


