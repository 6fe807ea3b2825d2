"""Faults as data: each is one value that can be printed, kept, replayed, drawn and shrunk.

>>> schedule = [at(200, partition("n1 n2", "n3")), at(900, heal())]
>>> schedule
[at(200, partition('n1 n2', 'n3')), at(900, heal())]

A fault is the name of a method of `splitbrain.cluster.Cluster` with its arguments; its repr is the code that makes
it again. The methods' docstrings say what each does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from splitbrain.latency import Distribution, spell


@dataclass(frozen=True, slots=True, repr=False)
class Fault:
    """One call of a cluster's method: ``Fault("crash", ("n1",), (("kind", "power"),))``."""

    name: str
    args: tuple = ()
    options: tuple[tuple[str, Any], ...] = ()

    def __repr__(self) -> str:
        return f"{self.name}({', '.join([*map(repr, self.args), *(f'{k}={v!r}' for k, v in self.options)])})"

    def apply(self, cluster: Any) -> None:
        """Inject it now."""
        getattr(cluster, self.name)(*self.args, **dict(self.options))


@dataclass(frozen=True, slots=True, repr=False)
class At:
    """A fault and its time, in virtual milliseconds; `after` is how much had happened, if it was injected by hand."""

    ms: float
    fault: Fault
    after: int | None = None

    def __repr__(self) -> str:
        return f"at({spell(self.ms)}, {self.fault!r}{'' if self.after is None else f', after={self.after}'})"


def at(ms: float, fault: Fault, *, after: int | None = None) -> At:
    """Inject a fault at a time: before all else of that time, or `after` so many things have happened."""
    if not isinstance(fault, Fault):
        raise TypeError(f"at({ms!r}, ...) wants a fault such as partition('n1', 'n2 n3'), got {fault!r}")
    return At(_time(ms), fault, after)


# A mistake in a value is told where it is written: in a schedule that is followed it would only be left out.

def _time(ms: float) -> float:
    if not isinstance(ms, int | float) or not 0 <= ms < 1e12:
        raise ValueError(f"a time is a number of milliseconds, 0 or more, not {ms!r}")
    return ms


def _share(share: float) -> float:
    if not isinstance(share, int | float) or not 0 <= share <= 1:
        raise ValueError(f"a share is a number between 0 and 1, not {share!r}")
    return share


def _check_kind(kind: str) -> None:
    if kind not in ("process", "power"):
        raise ValueError(f"a crash is of kind 'process' or 'power', not {kind!r}")


def _fault(name: str, *args: Any, **options: Any) -> Fault:
    return Fault(name, args, tuple((k, v) for k, v in options.items()))


def partition(*groups: str | Iterable[str]) -> Fault:
    """Split the network: ``partition("n1 n2", "n3")``. Nodes that are not named form a group of their own."""
    return _fault("partition", *(g if isinstance(g, str) else " ".join(g) for g in groups))


def heal(*link: str) -> Fault:
    """End all partitions and cuts, or those of one link."""
    return _fault("heal", *link)


def cut(a: str, b: str, *, one_way: bool = False) -> Fault:
    """Cut one link; `one_way` only from a to b."""
    return _fault("cut", a, b, **({"one_way": True} if one_way else {}))


def isolate(node: str) -> Fault:
    """Cut a node, with the clients beside it, from everyone else."""
    return _fault("isolate", node)


def crash(node: str, *, kind: str = "process") -> Fault:
    """The process dies (its commits stay), or the power goes (what was not forced goes too)."""
    _check_kind(kind)
    return _fault("crash", node, **({"kind": kind} if kind != "process" else {}))


def crash_at(node: str, point: int, *, kind: str = "process", restart: float | None = None) -> Fault:
    """Crash a node exactly before its crash point number `point` (from 1); start it `restart` milliseconds later."""
    _check_kind(kind)
    options = {"kind": kind} if kind != "process" else {}
    return _fault("crash_at", node, point, **options, **({} if restart is None else {"restart": _time(restart)}))


def restart(node: str) -> Fault:
    """Start a crashed node again, on what its database holds."""
    return _fault("restart", node)


def pause(node: str) -> Fault:
    """Stop a node without killing it: what arrives waits."""
    return _fault("pause", node)


def resume(node: str) -> Fault:
    """Let a paused node go on, with all that has come due."""
    return _fault("resume", node)


def slow(node: str, ms: float) -> Fault:
    """Every message that arrives at the node is taken up so much later; 0 ends it."""
    return _fault("slow", node, _time(ms))


def skew(node: str, ms: float, *, rate: float = 1.0) -> Fault:
    """Set a node's clock ahead (or back), and let it run fast (or slow)."""
    return _fault("skew", node, ms, **({"rate": rate} if rate != 1.0 else {}))


def loss(share: float, *names: str) -> Fault:
    """Lose this share of messages: everywhere, at one node, or on one link; 0 ends it."""
    return _fault("loss", _share(share), *names)


def duplicate(share: float, *names: str) -> Fault:
    """Deliver this share of messages twice."""
    return _fault("duplicate", _share(share), *names)


def reorder(share: float, ms: float, *names: str) -> Fault:
    """Let this share of messages arrive `ms` later, behind others that were sent after them."""
    return _fault("reorder", _share(share), _time(ms), *names)


def latency(distribution: Distribution, *names: str) -> Fault:
    """Give links another latency."""
    if not isinstance(distribution, Distribution):
        raise TypeError(f"latency wants a distribution such as uniform(1, 5), not {distribution!r}")
    return _fault("latency", distribution, *names)


def drop(operation: str, source: str, target: str, *, nth: int = 0) -> Fault:
    """Lose one message, under way or still to be sent: the `nth` of an operation (``"c1#0"``) from source to target."""
    return _fault("drop", operation, source, target, **({"nth": nth} if nth else {}))


def delay(operation: str, source: str, target: str, ms: float, *, nth: int = 0) -> Fault:
    """Let one message, under way or still to be sent, arrive `ms` later than it would."""
    return _fault("delay", operation, source, target, _time(ms), **({"nth": nth} if nth else {}))


def deliver(operation: str, source: str, target: str, *, nth: int = 0) -> Fault:
    """Let one message that is under way arrive now, before all else that is to happen."""
    return _fault("deliver", operation, source, target, **({"nth": nth} if nth else {}))


def repeat(operation: str, source: str, target: str, *, nth: int = 0) -> Fault:
    """Let one message that is under way arrive twice."""
    return _fault("repeat", operation, source, target, **({"nth": nth} if nth else {}))


FAULTS: dict[str, Callable[..., Fault]] = {
    f.__name__: f for f in (partition, heal, cut, isolate, crash, crash_at, restart, pause, resume, slow, skew, loss,
                            duplicate, reorder, latency, drop, delay, deliver, repeat)}
