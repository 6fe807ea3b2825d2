"""One run of many: an experiment, and what came of it in a word and a sentence."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from splitbrain.cluster import Cluster
from splitbrain.errors import Misuse
from splitbrain.experiment import Experiment, Run
from splitbrain.faults import At
from splitbrain.pool import Pool
from splitbrain.records import Journal, Verdict
from splitbrain.workloads import Workload

Judge = Callable[[Run], str | Verdict]
RAISED = "raised"  # the outcome of a run that node code ended with an error


def by_verdict(run: Run) -> Verdict:
    """The judge that looks no further than the workload's own checker."""
    return run.verdict


def parts(experiment: Experiment) -> tuple[dict[str, Any], Workload, tuple[At, ...], float | None]:
    """What an experiment is made of, without its live cluster: this can travel to another process."""
    arguments = experiment.cluster.arguments | {"storage": "memory", "journal": False}
    return arguments, experiment.workload, tuple(experiment.faults), experiment.until


def outcome(experiment: Experiment, judge: Judge, pool: Pool | None = None) -> tuple[str, str, tuple[int, ...]]:
    """Run it: the outcome, a sentence about it, and how many crash points each node has passed.

    With a pool, its databases need not be new. Where that may have been noticed, the run is made again with databases
    of its own, and that is what counts.
    """
    if pool is not None and not pool.doubt:
        try:
            told = _outcome(experiment, judge, pool)
        except Exception:
            if not pool.doubt:
                raise
        else:
            if not pool.doubt:
                return told
    return _outcome(experiment, judge, "memory")


def _outcome(experiment: Experiment, judge: Judge, storage: str | Pool) -> tuple[str, str, tuple[int, ...]]:
    """What came of one run.

    No journal is kept, unless the judge asks for something that only a journal tells. Then the run is made again with
    one, and it is the same run.
    """
    try:
        return _judged(experiment, judge, journal=judge in _readers, storage=storage)
    except _Unkept:
        _readers.append(judge)
        return _judged(experiment, judge, journal=True, storage=storage)


def _judged(experiment: Experiment, judge: Judge, *, journal: bool,
            storage: str | Pool) -> tuple[str, str, tuple[int, ...]]:
    try:
        cluster = experiment.played(journal=journal, storage=storage)
    except Exception as error:
        return RAISED, f"{type(error).__name__}: {error}", ()
    points = tuple(cluster.network.endpoints[name].points for name in cluster.names)
    if not journal:
        cluster.__class__ = _Unrecorded
    try:
        told = judge(experiment.judged(cluster))
    except Exception as error:
        error.add_note(f"It was raised by who judged the run with faults={list(experiment.faults)!r}")
        raise
    finally:
        cluster.close(keep=False)
    word, note = (told.status, told.explanation) if isinstance(told, Verdict) else (told, "")
    if not isinstance(word, str):
        raise Misuse(f"a judge answers with a Verdict or a short text, not with {word!r}")
    return word, note, points


_readers: deque[Judge] = deque(maxlen=4)  # judges that have asked for a journal, and get one at once the next time


class _Unkept(BaseException):
    """Only a journal would tell. (No `Exception`, so that it comes through what a judge catches.)"""


class _Unrecorded(Cluster):
    """What a cluster becomes that has run without a journal."""

    @property
    def journal(self) -> Journal:
        raise _Unkept

    def values(self, name: str) -> dict:
        if self.state(name) == "crashed":
            raise _Unkept  # what it showed last
        return super().values(name)


def sweeper(arguments: dict[str, Any], workload: Workload, faults: tuple[At, ...], until: float | None,
            judge: Judge) -> Callable[[Sequence[tuple[At, ...]]], list]:
    """A function that runs one experiment with several lists of further faults, each by itself."""
    experiment = Experiment(Cluster(**arguments), workload, faults, until)
    experiment.cluster.close()  # it is only copied

    pool = Pool()

    def work(batch: Sequence[tuple[At, ...]]) -> list:
        with pool:
            return [outcome(Experiment(experiment.cluster, workload, (*faults, *more), until), judge, pool)
                    for more in batch]

    return work
