"""The sentence that every lesson speaks: cluster, faults, workload, history, verdict.

Each of them is one plain value that can be printed, kept, replayed or replaced.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from splitbrain.client import Client, Pending
from splitbrain.cluster import Cluster
from splitbrain.faults import At
from splitbrain.guard import guarded
from splitbrain.records import History, Journal, Ledger, Verdict, Window

_SETTLE = 10_000  # ms that a run may go on after its last operation and fault


@dataclass(frozen=True)
class Run:
    """What an experiment left behind.

    Attributes
    ----------
    cluster : Cluster
        As it stood at the end.
    history : History
    verdict : Verdict
        What the workload's checker says of the history.
    """

    cluster: Cluster
    history: History
    verdict: Verdict
    experiment: Experiment

    @property
    def journal(self) -> Journal:
        return self.cluster.journal

    @property
    def ledger(self) -> Ledger:
        return self.cluster.ledger

    def windows(self) -> list[Window]:
        """When which fault was active."""
        return self.cluster.windows()

    def __repr__(self) -> str:
        return f"Run({len(self.history)} operations, {self.cluster.now:g} ms, {self.verdict})"


@dataclass(frozen=True)
class Experiment:
    """A cluster, what its clients will ask, and what will go wrong.

    `run` works on a fresh copy of the cluster, so an experiment can be run as often as you like and does the same
    each time.

    Parameters
    ----------
    cluster : Cluster
    workload : Workload
        From `splitbrain.workloads`.
    faults : sequence of At
        ``[at(200, partition("n1 n2", "n3")), at(900, heal())]``, times in milliseconds from the start.
    until : float or None
        When to stop, in milliseconds. By default, once nothing is under way after the last operation and fault,
        10 s later at the latest.
    after : int or None
        Of a run that was driven by hand: how much had happened at its end, `until`. What has an `after` of its own, an
        operation or a fault, is done when so much has happened.
    """

    cluster: Cluster
    workload: Any
    faults: Sequence[At] = field(default=())
    until: float | None = None
    after: int | None = None

    def run(self, **changes: Any) -> Run:
        """Let it happen, and judge it. `changes` are to the cluster's arguments, as in `splitbrain.Cluster.fresh`."""
        return self.judged(self.played(**changes))

    def played(self, **changes: Any) -> Cluster:
        """Let it happen: a cluster as it stands at the end."""
        cluster = self.cluster.fresh(**changes)
        cluster.origin = self
        try:
            with guarded(cluster.clock):  # once, not at each of the stretches in which it is run
                self._plan(cluster)
                self._drive(cluster)
        except BaseException:
            cluster.close()  # nobody else has it
            raise
        return cluster

    def judged(self, cluster: Cluster) -> Run:
        """What such a cluster has left behind, with the verdict of the workload's checker."""
        history = cluster.history
        return Run(cluster, history, self._judge(history), self)

    def _plan(self, cluster: Cluster) -> None:
        for planned in self.workload.operations:  # faults may concern a client before it has asked for anything
            self._client(cluster, planned)
        cluster.follow(item for item in self.faults if item.after is None)
        for planned in self.workload.operations:
            if planned.after is None:
                cluster.clock.call_at(round(planned.at * 1000), self._ask(cluster, planned))

    def _drive(self, cluster: Cluster) -> None:
        self._drive_by_hand(cluster)
        last = max([*(p.at for p in self.workload.operations), *(a.ms for a in self.faults)], default=0)
        if self.after is not None:
            cluster.reach(self.after, self.until)
        elif self.until is not None:
            cluster.run(max(self.until - cluster.now, 0))
        else:
            cluster.run(max(last - cluster.now, 0))
            cluster.run_until_quiet(_SETTLE)

    def _drive_by_hand(self, cluster: Cluster) -> None:
        acts = [(a.after, a.ms, partial(cluster._try, a.fault)) for a in self.faults if a.after is not None]
        acts += [(p.after, p.at, partial(self._ask(cluster, p), None))
                 for p in self.workload.operations if p.after is not None]
        for after, ms, act in sorted(acts, key=lambda one: one[0]):
            cluster.reach(after, ms)
            act()

    def _ask(self, cluster: Cluster, planned: Any) -> Any:
        def ask(_: Any) -> None:
            pending = Pending(planned.f, planned.arguments, salt=planned.salt, key=planned.key, value=planned.value)
            self._client(cluster, planned).submit(pending)

        return ask

    @staticmethod
    def _client(cluster: Cluster, planned: Any) -> Client:
        return cluster.client(cluster.names[planned.node % len(cluster.names)], planned.process)

    def _judge(self, history: History) -> Verdict:
        if callable(self.workload.check):
            return self.workload.check(history)
        from splitbrain.checkers import judge

        return judge(self.workload.check, history)
