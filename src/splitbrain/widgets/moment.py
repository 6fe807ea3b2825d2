"""A cluster at any past moment, from its journal alone: this is what the page has to show there.

A moment is a position in the journal: so many events have happened. `moment` is written to be read; the page does not
use it. It gets what `splitbrain.widgets.reel` makes of the same `Moment`, event by event, and is tested against this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from splitbrain.explore.spelling import read_fault
from splitbrain.latency import Distribution, uniform
from splitbrain.records import Event, Journal
from splitbrain.widgets.follow import answered, called


@dataclass
class Seen:
    """A node: ``up``, ``crashed`` or ``paused``; its role; what its database holds, and would hold again if it has
    crashed; by how many ms it is slow; how far its clock is ahead, in ms, and how many times as fast it runs.
    """

    state: str = "up"
    role: str = ""
    values: Mapping[Any, Any] = field(default_factory=dict)
    slow: float = 0
    skew: tuple[float, float] = (0, 1.0)


@dataclass
class Moment:
    """All that is so at a position in the journal.

    Attributes
    ----------
    nodes : dict of str to Seen
    index : int
        How many events have happened.
    time : float
        Virtual ms of the last of them.
    severed : set of (str, str)
        Directions that were cut by hand.
    groups : list of list of str
        The sides of a partition, or nothing.
    latencies : dict of (str, str) to Distribution
        Of each direction of each link.
    answers : dict
        By node, what the client beside it asked last and was told.
    """

    nodes: dict[str, Seen]
    index: int = 0
    time: float = 0.0
    severed: set[tuple[str, str]] = field(default_factory=set)
    groups: list[list[str]] = field(default_factory=list)
    latencies: dict[tuple[str, str], Distribution] = field(default_factory=dict)
    answers: dict[str, dict] = field(default_factory=dict)
    asked: dict[str, Mapping] = field(default_factory=dict)

    @classmethod
    def first(cls, cluster) -> Moment:
        """Nothing has happened to the cluster."""
        usual = cluster.arguments["latency"] or uniform(1, 5)
        return cls({name: Seen() for name in cluster.names},
                   latencies={way: usual for a, b in cluster.links for way in ((a, b), (b, a))})

    def is_cut(self, a: str, b: str) -> bool:
        """Whether messages from a to b are cut off."""
        sides = [next(i for i, group in enumerate(self.groups) if name in group) for name in (a, b) if self.groups]
        return (a, b) in self.severed or len(set(sides)) > 1

    def feed(self, event: Event) -> str:
        """Let one more event have happened; what may look different now: ``nodes``, ``answers``, ``all`` or nothing."""
        self.index, self.time = event.index + 1, event.time
        read = _READERS.get(event.kind)
        return read(self, event) if read else ""

    def _node(self, event: Event) -> str:
        node = self.nodes[event.node]
        if event.kind == "values":
            node.values = dict(event.detail["values"])
        elif event.kind == "role":
            node.role = event.detail["role"]
        else:
            node.state = {"crash": "crashed", "pause": "paused"}.get(event.kind, "up")
            node.role = "" if event.kind in ("crash", "restart") else node.role
        return "nodes"

    def _invoke(self, event: Event) -> str:
        self.asked[event.node] = asked = event.detail
        self.answers[asked["node"]] = {"client": event.node, "text": f"{called(asked)} …", "status": "waiting"}
        return "answers"

    def _complete(self, event: Event) -> str:
        asked, detail = self.asked[event.node], event.detail
        text = f"{called(asked)} {answered(asked, detail)}"
        self.answers[asked["node"]] = {"client": event.node, "text": text, "status": detail["status"]}
        return "answers"

    def _fault(self, event: Event) -> str:
        kind, names = event.detail["kind"], event.detail.get("nodes", [])
        fault = read_fault(event.detail["fault"])
        options = dict(fault.options)
        if kind in ("partition", "isolate"):
            self.groups = [list(group) for group in event.detail["groups"]]
        elif kind == "cut":
            self.severed |= {tuple(names)} if options.get("one_way") else {tuple(names), tuple(names[::-1])}
        elif kind == "heal":
            self.severed = {link for link in self.severed if names and set(link) != set(names)}
            self.groups = self.groups if names else []
        elif kind == "slow":
            self.nodes[names[0]].slow = fault.args[1]
        elif kind == "latency":
            self.latencies |= dict.fromkeys((way for way in self.latencies if set(names) <= set(way)), fault.args[0])
        elif kind == "skew":
            self.nodes[names[0]].skew = fault.args[1], options.get("rate", 1.0)
        else:
            return ""
        return "all"


_READERS = {"invoke": Moment._invoke, "complete": Moment._complete, "fault": Moment._fault}
_READERS |= dict.fromkeys(("values", "role", "crash", "restart", "pause", "resume"), Moment._node)


def moment(cluster, index: int) -> Moment:
    """How a cluster stood when the first `index` events of its journal had happened.

    Examples
    --------
    >>> from splitbrain import Cluster, Node
    >>> cluster = Cluster(Node, nodes=2)
    >>> cluster.crash("n2")
    >>> [moment(cluster, i).nodes["n2"].state for i in (0, 1)]
    ['up', 'crashed']
    """
    then = Moment.first(cluster)
    for event in cluster.journal[:index]:
        then.feed(event)
    return then


@dataclass
class Flight:
    """A message, or one copy of it: on its way from a position in the journal on, and until another (None: still)."""

    message: int
    begin: int
    end: int | None = None
    lost: bool = False


def flights(journal: Journal) -> list[Flight]:
    """When which message was on its way. The second copy of a duplicate is known by its arrival only."""
    found: list[Flight] = []
    begun: dict[int, int] = {}
    sent: dict[tuple, list[int]] = {}
    for event in journal:
        message, here = event.message, event.index + 1
        if event.kind == "send":
            begun[message.id] = here
            sent.setdefault((message.operation, message.source, message.target), []).append(message.id)
            found.append(Flight(message.id, here))
        elif message is not None:
            flight = next((f for f in found if f.message == message.id and f.end is None), None)
            if flight is None:
                found.append(flight := Flight(message.id, begun[message.id]))
            flight.end, flight.lost = here, event.kind == "drop"
        elif event.kind == "fault" and event.detail["kind"] == "repeat":
            fault = read_fault(event.detail["fault"])
            found.append(Flight(sent[fault.args][dict(fault.options).get("nth", 0)], here))
    return found


def flying(journal: Journal, index: int) -> list[int]:
    """The messages that were on their way when `index` events had happened, a duplicate twice; sorted by their ids."""
    return sorted(f.message for f in flights(journal) if f.begin <= index and (f.end is None or index < f.end))
