"""What somebody did to a cluster by hand, as an experiment that does the same again, and as one line of text.

A run that is driven by hand stops in the middle of things: after a step, or when an answer is there, with more of the
same moment still to happen. So what was done has, beside its time, its place in the order of all that happened.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from splitbrain.checkers import judge
from splitbrain.cluster import Cluster
from splitbrain.errors import Misuse
from splitbrain.experiment import Experiment
from splitbrain.explore.replay import replay_line
from splitbrain.records import History, Verdict
from splitbrain.workloads import Planned, Workload

_NOT_ALL = "no line repeats this run: not all that was done to it were faults and operations of clients"


def by_hand(cluster: Cluster, check: str | Callable[[History], Verdict] = "linearizability") -> Experiment:
    """The experiment whose run is what this cluster has been through: same events, same end.

    Parameters
    ----------
    cluster : Cluster
        Driven by hand from its beginning, or a run of an experiment that was driven further.
    check : str or function of a History, giving a Verdict
        Who judges it; of a run of an experiment, its own. Where operations are not of a kind that it knows, nobody
        says more than how many were answered.

    Raises
    ------
    Misuse
        If a client was asked with arguments that no plan can hold.

    Examples
    --------
    >>> from splitbrain.node import Node, rpc
    >>> class Echo(Node):
    ...     @rpc
    ...     async def say(self, text): return text
    >>> cluster = Cluster(Echo, nodes=2)
    >>> cluster.cut("n1", "n2"); cluster.client("n1").say("hello")
    'hello'
    >>> by_hand(cluster).faults
    (at(0, cut('n1', 'n2'), after=0),)
    >>> by_hand(cluster).run().journal.to_bytes() == cluster.journal.to_bytes()
    True
    """
    origin = cluster.origin or Experiment(cluster, Workload("by hand", (), _able(check, cluster.history)))
    done = [replace(item, after=place) for item, place in zip(cluster.schedule, cluster.places, strict=True)
            if place is not None]
    asked = [_planned(cluster, name, pending) for name, client in cluster.clients.items()
             for pending in client.asked() if pending.place is not None]
    asked.sort(key=lambda o: o.after)
    workload = replace(origin.workload, operations=(*origin.workload.operations, *asked), final=0)
    return Experiment(cluster, workload, (*origin.faults, *done), cluster.now, cluster.clock.happened)


def _able(check: str | Callable[[History], Verdict], history: History) -> str | Callable[[History], Verdict]:
    try:
        judge(check, history)
    except ValueError:
        return "availability"
    return check


def _planned(cluster: Cluster, name: str, pending) -> Planned:
    planned = Planned(pending.asked, name, cluster.names.index(cluster.clients[name].node), pending.f, pending.key,
                      pending.value, pending.salt, pending.place)
    if planned.arguments != pending.args:
        raise Misuse(f"no line repeats this run: {pending.f}{pending.args!r} has other arguments than a key and a "
                     "value")
    return planned


def hand_line(cluster: Cluster, check: str | Callable[[History], Verdict] = "linearizability") -> str:
    """One line that repeats what was done to a cluster: it has been run, and gave the same journal to the byte.

    Raises
    ------
    Misuse
        If no line does: a cell changed a node, or a database, past the cluster's own methods.
    """
    experiment = by_hand(cluster, check)
    line = replay_line(experiment)
    again = experiment.run().cluster
    try:
        if again.journal.to_bytes() != cluster.journal.to_bytes():
            raise Misuse(_NOT_ALL)
    finally:
        again.close()
    return line
