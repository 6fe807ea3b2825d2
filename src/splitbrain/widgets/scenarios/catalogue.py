"""The scenarios: a protocol, what its clients ask, what goes wrong, and what there is to see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from splitbrain.cluster import Cluster
from splitbrain.experiment import Experiment, Run
from splitbrain.faults import At, at, crash, cut, heal, partition
from splitbrain.latency import Distribution, uniform
from splitbrain.node import Node
from splitbrain.protocols.last_writer_wins import LastWriterWins
from splitbrain.widgets.scenarios.primary import Failover, LazyPrimary
from splitbrain.widgets.scenarios.two_phases import TwoPhase
from splitbrain.workloads import Planned, Workload


@dataclass(frozen=True)
class Scenario:
    """A failure that has a name.

    Attributes
    ----------
    name : str
    story : str
        What is done, in a sentence or two.
    look_for : str
        What there is to see.
    node : type
        The class of the nodes.
    asked : tuple of Planned
    faults : tuple of At
    until : float
        Virtual ms at which it stops.
    check : str
        Who judges it.
    """

    name: str
    story: str
    look_for: str
    node: type[Node]
    asked: tuple[Planned, ...]
    faults: tuple[At, ...]
    until: float
    check: str = "linearizability"
    nodes: int = 3
    latency: Distribution = uniform(3, 6)
    timeout: float = 120

    operations = ("put(key='x', value=1)", "get(key='x')")

    def experiment(self) -> Experiment:
        """What is run: nothing about it is hidden."""
        cluster = Cluster(self.node, nodes=self.nodes, seed=1, latency=self.latency, timeout=self.timeout)
        return Experiment(cluster, Workload(self.name, self.asked, self.check), self.faults, self.until)

    def run(self) -> Run:
        """Let it happen: the same each time."""
        experiment = self.experiment()
        try:
            return experiment.run()
        finally:
            experiment.cluster.close()

    def plain(self) -> dict[str, Any]:
        """What the panel tells of it."""
        return {"name": self.name, "story": self.story, "look_for": self.look_for}


def _put(ms: float, node: int, value: int) -> Planned:
    return Planned(ms, f"c{node}", node - 1, "put", "x", value, salt=round(ms))


def _get(ms: float, node: int) -> Planned:
    return Planned(ms, f"c{node}", node - 1, "get", "x", salt=round(ms))


_ALL = (
    Scenario(
        "split brain",
        "n1 is the primary. A partition cuts it off with its client; the others hear nothing of it, and make n2 "
        "primary. Now each side takes writes.",
        "Two nodes with the role of primary at once. Each acknowledges a write that the other never sees, and after "
        "the partition heals the copies go on differing.",
        Failover, (_put(20, 1, 1), _put(170, 1, 2), _put(175, 2, 3), _get(200, 1), _get(205, 3)),
        (at(60, partition("n1", "n2 n3")), at(230, heal())), 260),
    Scenario(
        "lost acknowledged write",
        "The primary n1 answers a write before its copies are there. Its links are cut, so they are lost, and then it "
        "crashes.",
        "c1 was told ✓ for x = 2. No node that runs has it, and whoever reads now gets the value before.",
        LazyPrimary, (_put(10, 1, 1), _put(40, 1, 2), _get(70, 2), _get(75, 3)),
        (at(35, cut("n1", "n2")), at(36, cut("n1", "n3")), at(55, crash("n1"))), 100),
    Scenario(
        "stale read",
        "Everyone answers reads from its own copy. The link from n1 to n3 is cut one way: n3 hears of no more writes.",
        "c3 reads x = 1 long after c1 was told that x = 2. c2 has read 2 by then: two clients disagree about the past.",
        LazyPrimary, (_put(10, 1, 1), _put(40, 1, 2), _get(60, 2), _get(80, 3)),
        (at(30, cut("n1", "n3", one_way=True)),), 100),
    Scenario(
        "in-doubt transaction",
        "n1 coordinates a two-phase commit. Both participants vote yes, and n1 crashes before it tells them the "
        "outcome.",
        "n2 and n3 hold their vote for x, which is in doubt and locked: reads are refused, and nobody left can decide. "
        "c1 was told nothing, and may not assume either outcome.",
        TwoPhase, (_put(10, 1, 1), _put(60, 1, 2), _get(100, 2), _get(105, 3)),
        (at(80, crash("n1")),), 210, check="availability"),
    Scenario(
        "healed divergence",
        "Every node takes writes; the last one by the clock wins. A partition lets both sides write x, and then it "
        "heals.",
        "The copies differ, then gossip makes them agree: they have converged. The write of one side is gone, "
        "although its client was told ✓.",
        LastWriterWins, (_put(10, 1, 1), _put(70, 1, 2), _put(85, 3, 3), _get(100, 1), _get(240, 1)),
        (at(55, partition("n1", "n2 n3")), at(120, heal())), 260),
)
SCENARIOS: dict[str, Scenario] = {one.name: one for one in _ALL}
"""By name."""


def scenario(name: str) -> Scenario:
    """The scenario of this name.

    Raises
    ------
    ValueError
        If there is none; the message names those that there are.
    """
    if name not in SCENARIOS:
        raise ValueError(f"there is no scenario {name!r}; there are {', '.join(SCENARIOS)}")
    return SCENARIOS[name]
