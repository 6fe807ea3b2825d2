"""The runs of `splitbrain.explore.fuzz`: in batches, here or elsewhere, until one fails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from splitbrain.cluster import Cluster
from splitbrain.experiment import Experiment
from splitbrain.explore.campaign import Campaign
from splitbrain.explore.schedules import Alphabet, Schedule
from splitbrain.explore.trial import Judge, outcome
from splitbrain.latency import mix

_BATCH = 50  # runs that travel to a worker together


@dataclass(frozen=True)
class Batch:
    """What came of some runs. If one failed, it was the last: then `failed` is its outcome, and `schedule` the run."""

    counts: Counter[str]
    failed: str = ""
    schedule: Schedule | None = None


class Hunt:
    """Makes runs of an experiment as an alphabet draws them. (`parts` is the experiment, without its live cluster.)"""

    def __init__(self, parts: tuple, alphabet: Alphabet, judge: Judge, bad: tuple[str, ...], seed: int):
        self._arguments, self._workload, self._faults, self._until = parts
        self._alphabet, self.judge, self._bad, self._seed = alphabet, judge, bad, seed
        self._clusters: dict[int, Cluster] = {}

    def experiment(self, schedule: Schedule) -> Experiment:
        """The run that a schedule is, as an experiment."""
        return Experiment(self._cluster(schedule.nodes), replace(self._workload, operations=schedule.operations),
                          (*self._faults, *schedule.spelled()), self._until)

    def _cluster(self, size: int) -> Cluster:
        if size not in self._clusters:
            classes = dict(list(self._arguments["nodes"].items())[:size])
            self._clusters[size] = Cluster(**self._arguments | {"nodes": classes})
            self._clusters[size].close()  # it is only copied
        return self._clusters[size]

    def outcome(self, schedule: Schedule) -> str:
        return outcome(self.experiment(schedule), self.judge)[0]

    def loosened(self, schedule: Schedule) -> Iterator[Schedule]:
        """The same with its parts tied to less, the loosest first: then more of it can be taken away.

        Each operation is put at the time when it began, which may have been late, its client being busy; so it begins
        then also when what its client was busy with is gone. A crash at a certain point, which any operation that is
        taken away would move, becomes a crash at the time when it came: just after it, or just before.
        """
        try:
            cluster = self._cluster(schedule.nodes).fresh(journal=True)
            run = replace(self.experiment(schedule), cluster=cluster).run()
        except Exception:  # node code has ended the run: nobody knows when the rest would have come
            yield schedule
            return
        begun = {process: iter(own) for process, own in run.history.by_process().items()}
        now = {o: next(begun.get(o.process, iter(())), None) for o in schedule.operations}
        moved = schedule.moved({o: replace(o, at=told.invoked) for o, told in now.items() if told is not None})
        yield from dict.fromkeys([moved.timed(run.journal, later=0.001), moved.timed(run.journal), moved, schedule])

    def batch(self, job: Sequence[tuple[int, int]]) -> Batch:
        """The runs of these numbers, each with its number of nodes, until one fails."""
        counts: Counter[str] = Counter()
        for number, nodes in job:
            schedule = self._alphabet.draw(nodes, mix(self._seed, number))
            word = self.outcome(schedule)
            counts[word] += 1
            if word in self._bad:
                return Batch(counts, word, schedule)
        return Batch(counts)


def batches(setup: tuple, numbers: Iterable[int], sizes: Sequence[int], executor: Executor | None) -> Iterator[Batch]:
    """The batches of these numbers, in their order, until one has failed; sizes of cluster take turns.

    `setup` is what `Hunt` is given.
    """
    runs = [(number, sizes[number % len(sizes)]) for number in numbers]
    jobs = (runs[start:start + _BATCH] for start in range(0, len(runs), _BATCH))
    with closing(Campaign(_worker, setup, executor).results(jobs)) as results:
        for batch in results:
            yield batch
            if batch.failed:
                return


def _worker(*setup: Any) -> Callable[[Sequence[tuple[int, int]]], Batch]:
    return Hunt(*setup).batch
