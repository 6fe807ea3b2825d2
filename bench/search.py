"""Searches: states a second of a small specification, runs a second of a sweep, each beside the bare loop.

    make bench            # or: .venv/bin/python bench/search.py [--quick]

The specification is two-phase commit by Gray and Lamport with seven participants. Its peer is a breadth-first loop over
the same successors, which keeps a set of states and nothing else. The sweep lets every node of a three-node two-phase
commit die at every crash point, by process and by power, for good and for 50 ms, and looks at all logs afterwards. Its
peers: the same experiments run, judged and closed in a loop without a sweep, and what SQLite alone takes for three
databases in memory, each made, written, read and closed. All are taken in turn, in one process; medians of processor
time. One process beside two is by the wall clock, and needs two idle cores.
"""

from __future__ import annotations

import argparse
import gc
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial

from splitbrain import Cluster, Experiment, Node, Run, rpc
from splitbrain.errors import RpcError, RpcTimeout
from splitbrain.explore import Specification, states, sweep
from splitbrain.explore.specs import two_phase_commit
from splitbrain.records import History, Verdict
from splitbrain.workloads import Planned, Workload

PARTICIPANTS, STATES, SECONDS = 7, 296_448, 4
RUNS_A_SECOND = 1_000


_TABLE = "CREATE TABLE log (txn INTEGER PRIMARY KEY, state TEXT)"
_NOTE = "INSERT OR REPLACE INTO log VALUES (?, ?)"
_STATE = "SELECT state FROM log WHERE txn = ?"


class TwoPhaseCommit(Node):
    """Presumed abort; n1 coordinates. Who is in doubt asks it, now and then."""

    def setup(self):
        self.db.execute(_TABLE)

    async def start(self):
        for txn, in self.db.execute("SELECT txn FROM log WHERE state = 'prepared'").fetchall():
            self.create_task(self.find_out(txn))

    def state_of(self, txn):
        row = self.db.execute(_STATE, (txn,)).fetchone()
        return row and row[0]

    def note(self, txn, state):
        with self.transaction():
            self.db.execute(_NOTE, (txn, state))

    async def ask_all(self, method, *args):
        calls = [self.call(peer, method, *args, timeout=50) for peer in self.peers]
        return await self.gather(*calls, return_exceptions=True)

    @rpc
    async def commit(self, txn):
        votes = await self.ask_all("prepare", txn)
        decision = "commit" if all(vote is True for vote in votes) else "abort"
        self.note(txn, decision)
        await self.ask_all("decide", txn, decision)
        return decision

    @rpc
    async def prepare(self, txn):
        if self.state_of(txn) is None:
            self.note(txn, "prepared")
            self.create_task(self.find_out(txn))
        return self.state_of(txn) == "prepared"

    @rpc
    async def decide(self, txn, decision):
        if self.state_of(txn) != decision:
            self.note(txn, decision)

    @rpc
    async def decision(self, txn):
        return self.state_of(txn)

    async def find_out(self, txn):
        for _ in range(5):
            await self.sleep(100)
            if self.state_of(txn) != "prepared":
                return
            try:
                decision = await self.call("n1", "decision", txn, timeout=50)
            except (RpcTimeout, RpcError):
                continue
            self.note(txn, decision or "abort")


def atomic(run: Run) -> str:
    """All logs agree, or somebody is in doubt, or what must not be."""
    found = {run.cluster[name].state_of(1) for name in run.cluster.names if run.cluster.state(name) == "up"}
    if "commit" in found and found & {"abort", None}:
        return "violated"
    return "in doubt" if "prepared" in found else "ok"


def anything(history: History) -> Verdict:
    return Verdict("ok", "the logs are judged, not the history")


def bare_states(specification: Specification) -> int:
    """Breadth first, and nothing else: no trace, no invariant, no budget."""
    seen = set(specification.initial)
    level = list(seen)
    while level:
        found = []
        for state in level:
            for _, after in specification.next(state):
                if after not in seen:
                    seen.add(after)
                    found.append(after)
        level = found
    return len(seen)


def bare_runs(experiments: Iterable[Experiment]) -> None:
    for experiment in experiments:
        run = experiment.run()
        atomic(run)
        run.cluster.close()


def bare_sqlite(runs: int) -> None:
    for _ in range(runs * 3):
        connection = sqlite3.connect(":memory:", isolation_level=None)
        connection.execute(_TABLE)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(_NOTE, (1, "commit"))
        connection.execute("COMMIT")
        connection.execute(_STATE, (1,)).fetchone()
        connection.close()


def timed(contenders: dict[str, Callable[[], object]], rounds: int,
          clock: Callable[[], float] = time.process_time) -> dict[str, float]:
    """Median seconds of each, all taken in turn."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            gc.collect()
            begin = clock()
            contender()
            seconds[name].append(clock() - begin)
    return {name: statistics.median(s) for name, s in seconds.items()}


def specification(rounds: int) -> None:
    spec = two_phase_commit(PARTICIPANTS)
    assert states(spec, progress=False).distinct == bare_states(spec) == STATES
    found = timed({"ours": lambda: states(spec, progress=False), "bare": lambda: bare_states(spec)}, rounds)
    print(f"two-phase commit with {PARTICIPANTS} participants, {STATES:,} states, median of {rounds}")
    print(f"  states     {found['ours']:6.2f} s  {STATES / found['ours']:>9,.0f} states/s   bound {SECONDS} s")
    print(f"  bare loop  {found['bare']:6.2f} s  {STATES / found['bare']:>9,.0f} states/s   "
          f"ours / bare {found['ours'] / found['bare']:.2f}")


def sweeps(rounds: int) -> None:
    asked = Workload("commit", (Planned(0, "c1", 0, "commit", 1),), anything)
    with Cluster(TwoPhaseCommit, nodes=3, seed=1, journal=False) as cluster:
        experiment = Experiment(cluster, asked)
        cases = sweep(experiment, judge=atomic, progress=False).cases
        assert {case.outcome for case in cases} == {"ok", "in doubt"}
        experiments = [replace(experiment, faults=case.experiment.faults) for case in cases]
        found = timed({"sweep": lambda: sweep(experiment, judge=atomic, progress=False),
                       "bare loop": lambda: bare_runs(experiments),
                       "SQLite alone": lambda: bare_sqlite(len(cases))}, 10 * rounds)
        print(f"three-node two-phase commit, {len(cases)} runs, median of {10 * rounds}")
        for name, seconds in found.items():
            print(f"  {name:13} {len(cases) / seconds:>6,.0f} runs/s  {seconds / len(cases) * 1e6:6.0f} us a run   "
                  f"{seconds / found['sweep']:.2f} of the sweep")
        print(f"  bound: {RUNS_A_SECOND:,} runs/s a process")
        processes(experiment, rounds)


def processes(experiment: Experiment, rounds: int) -> None:
    """Long enough for a second process to pay: every crash for many orders of messages; and every two crashes."""
    seeds = [replace(experiment, cluster=experiment.cluster.fresh(seed=seed)) for seed in range(20)]
    with ProcessPoolExecutor(2) as executor:
        for what, experiments, options in (("every crash, 20 seeds", seeds, {}),
                                           ("every two crashes", [experiment], {"pairs": True})):
            ways = {name: partial(sweeps_of, experiments, executor=one, **options)
                    for name, one in {"one process": None, "two processes": executor}.items()}
            [count] = {way() for way in ways.values()}  # and the processes have started
            found = timed(ways, rounds, time.perf_counter)
            print(f"{what}, {count:,} runs, median of {rounds}")
            for name, seconds in found.items():
                print(f"  {name:13} {count / seconds:>6,.0f} runs/s")
    for one in seeds:
        one.cluster.close()


def sweeps_of(experiments: Iterable[Experiment], **options: object) -> int:
    return sum(len(sweep(one, judge=atomic, progress=False, **options).cases) for one in experiments)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one round")
    rounds = 1 if parser.parse_args().quick else 3
    specification(rounds)
    sweeps(rounds)


if __name__ == "__main__":
    main()
