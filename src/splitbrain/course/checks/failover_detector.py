"""Lab 13, a failure detector: on networks that it does not know, through a change, and after being wrong."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import sqrt
from typing import Any

from splitbrain.course.feedback import Wrong, exercise, expect, learner_code
from splitbrain.latency import Distribution, constant, exponential, uniform
from splitbrain.theory.detection import heartbeats

COUNT, WARM_UP, RECENT = 1_500, 100, 200
MOST_WRONG = 0.02
# A network, how it is called, milliseconds between heartbeats, and how long they take.
NETWORKS: tuple[tuple[str, float, Distribution], ...] = (
    ("steady", 100, uniform(1, 20)), ("slow and steady", 2_000, uniform(50, 500)),
    ("jittery", 50, exponential(40)), ("exactly regular", 200, constant(7)),
)


@exercise("13_failover", "detector", title="A detector that learns", lines=14, seconds=8, hints=(
    "How long is a long silence? That depends on the intervals that you have seen: on how long they are, and on how "
    "much they differ. Two networks with the same mean interval may need quite different patience.",
    "Keep the last few hundred intervals (a deque with maxlen). Suspect when the silence is longer than their mean and "
    "several standard deviations. Nothing else has to be remembered: whether it is suspected follows from `now`.",
    "heartbeat: append now - self.last, then self.last = now. suspects: False if there are no intervals yet; else "
    "now - self.last > mean(intervals) + 5 * pstdev(intervals)."))
def check_detector(detector: Callable[[], Any], *, network: str | None = None) -> str:
    """`network` looks at one network only."""
    if network is None:
        _begins_trusting(detector)
    wrong = []
    for name, interval, delay in NETWORKS if network is None else [n for n in NETWORKS if n[0] == network]:
        arrivals = heartbeats(interval, delay, count=COUNT, seed=13).arrivals
        wrong.append(_judge(detector, arrivals, name))
    if network is None:
        _adapts(detector)
    return (f"on {len(wrong)} networks that nobody told it of, at most {max(wrong):.1%} of the heartbeats came to one "
            "who was suspected, each death was noticed, and it learnt when the network changed.")


class _Watched:
    """The learner's detector, and what it has been told."""

    def __init__(self, make: Callable[[], Any], doing: str):
        self.doing = doing
        self.heard: list[float] = []
        with learner_code(doing):
            self.detector = make()

    def heartbeat(self, now: float) -> None:
        self.heard.append(now)
        with learner_code(self.doing):
            self.detector.heartbeat(now)

    def suspects(self, now: float) -> bool:
        with learner_code(self.doing):
            answer = self.detector.suspects(now)
        return expect(answer, bool, "True (suspected) or False", of="suspects(now)")


def _begins_trusting(make: Callable[[], Any]) -> None:
    watched = _Watched(make, "before the first heartbeat")
    if watched.suspects(10_000.0):
        raise Wrong("Before the first heartbeat nobody has been heard of, and yours suspects: after a start, everybody "
                    "is dead at once.", expected="suspects(10000.0) is False", got="True")


def _patience(arrivals: list[float]) -> float:
    """What no detector needs more than: it is generous to each kind of estimate."""
    intervals = [later - earlier for earlier, later in pairwise(arrivals)][-RECENT:]
    mean = sum(intervals) / len(intervals)
    spread = sqrt(sum((one - mean) ** 2 for one in intervals) / len(intervals))
    return max(2 * mean, mean + 15 * spread)


def _judge(make: Callable[[], Any], arrivals: list[float], name: str) -> float:
    """Feed it a series; the share of heartbeats that came to one who was suspected."""
    watched, wrong, told = _Watched(make, f"on the network that is {name}"), [], 0
    replay = f'failover.check_detector(Detector, network="{name}")'
    for number, now in enumerate(arrivals):
        if number > WARM_UP:
            told += 1
            if watched.suspects(now):
                wrong.append(now)
        watched.heartbeat(now)
        if wrong and wrong[-1] == now and watched.suspects(now):
            raise Wrong(f"On the network that is {name} a heartbeat came from a node that yours suspected. A moment "
                        "later it still suspects it: whoever was wrong once is never trusted again.",
                        expected=f"suspects({now:.0f}) is False, at the moment of a heartbeat", got="True",
                        replay=replay)
    share = len(wrong) / told
    if share > MOST_WRONG:
        raise Wrong(f"On the network that is {name} the node was well the whole time, and was suspected "
                    f"{len(wrong)} times in {told:,} heartbeats. Its intervals go from {_span(arrivals)} ms: how much "
                    "longer than usual is a silence that should worry you, here?",
                    expected=f"at most {MOST_WRONG:.0%} of the heartbeats come to one who is suspected",
                    got=f"{share:.1%}", replay=replay)
    _notices(watched, f"On the network that is {name}", replay)
    return share


def _span(arrivals: list[float]) -> str:
    intervals = [later - earlier for earlier, later in pairwise(arrivals)]
    return f"{min(intervals):.0f} to {max(intervals):.0f}"


def _notices(watched: _Watched, where: str, replay: str | None = None) -> None:
    last, patience = watched.heard[-1], _patience(watched.heard)
    if not watched.suspects(last + patience + 1):
        mean = (last - watched.heard[-RECENT - 1]) / RECENT
        raise Wrong(f"{where} heartbeats came every {mean:.0f} ms in the mean, then the node died. After a silence of "
                    f"{patience:.0f} ms yours does not suspect it.", got="False",
                    expected=f"suspects(last + {patience:.0f}) is True", **({"replay": replay} if replay else {}))


def _adapts(make: Callable[[], Any]) -> None:
    """The network changes, twice; a thousand heartbeats later the change has been learnt."""
    watched = _Watched(make, "on a network that changes")
    start = 0.0
    for interval, how in ((100, "at first"), (1_000, "after it had become ten times as slow"),
                          (50, "after it had become twenty times as quick")):
        arrivals = [start + one for one in heartbeats(interval, uniform(1, interval / 5), count=1_200, seed=5).arrivals]
        wrong = 0
        for number, now in enumerate(arrivals):
            wrong += number > 1_000 and watched.suspects(now)
            watched.heartbeat(now)
        if wrong > MOST_WRONG * 200:
            raise Wrong(f"A network changed. {how.capitalize()}, after a thousand heartbeats at the new rhythm, yours "
                        f"suspected a node that was well {wrong} times in 200.",
                        expected=f"at most {MOST_WRONG:.0%}", got=f"{wrong / 200:.0%}")
        _notices(watched, f"A network changed. {how.capitalize()} (a thousand heartbeats ago)")
        start = arrivals[-1]
