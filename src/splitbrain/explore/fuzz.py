"""Random runs until one goes wrong; then that run cut down to the smallest that still goes wrong in the same way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from html import escape

from splitbrain.errors import Misuse
from splitbrain.experiment import Experiment
from splitbrain.explore.campaign import WorkerLost
from splitbrain.explore.cut_down import cut_down
from splitbrain.explore.hunt import Batch, Hunt, batches
from splitbrain.explore.progress import progress_bar
from splitbrain.explore.replay import again, replay_line
from splitbrain.explore.schedules import KINDS, Alphabet, Schedule
from splitbrain.explore.trial import RAISED, Judge, by_verdict, outcome, parts
from splitbrain.faults import Fault
from splitbrain.latency import mixture, uniform
from splitbrain.records import UNKNOWN, VIOLATED, Verdict

_LOOK_ON = 500  # runs with fewer nodes that are made once one with more has failed

STRAGGLERS = mixture((0.7, uniform(1, 5)), (0.3, uniform(20, 200)))
"""Most messages are quick, some very late: with it a search needs few faults to find what order can do."""


@dataclass(frozen=True)
class Fuzz:
    """What random runs have found.

    Attributes
    ----------
    counts : dict of str to int
        How often each outcome came, until one failed. (The runs that cut it down are not counted.)
    failure : Experiment or None
        The smallest run found that fails; run it, or print its `replay`.
    outcome, note : str
        Of the failure: what the judge said of it.
    stopped : str
        Why it ended before all runs were made, if nothing failed; ``""`` if all were.
    judge : function of a Run
        Who has judged.
    """

    counts: dict[str, int]
    failure: Experiment | None = None
    outcome: str = ""
    note: str = ""
    stopped: str = ""
    judge: Judge = by_verdict

    @property
    def runs(self) -> int:
        """How many runs were made, until one failed."""
        return sum(self.counts.values())

    @property
    def replay(self) -> str:
        """The line that runs the failure again and draws it; ``""`` if there is none."""
        return "" if self.failure is None else replay_line(self.failure, self.judge)

    @property
    def verdict(self) -> Verdict:
        """``ok`` only if all runs were made, and the outcome of each is known and none that must not be."""
        runs = _count(self.runs, "run")
        if self.failure is not None:
            size = (f"{_count(len(self.failure.cluster.names), 'node')}, "
                    f"{_count(len(self.failure.workload.operations), 'operation')}, "
                    f"{_count(sum(not _is_an_end(one.fault) for one in self.failure.faults), 'fault')}")
            what = f"{self.outcome}: {self.note}" if self.outcome != VIOLATED else self.note
            return Verdict(VIOLATED, f"{what} (found after {runs}, cut down to {size})", checker="fuzz")
        if self.stopped:
            return Verdict(UNKNOWN, f"{self.stopped} after {runs}, of which none failed", checker="fuzz")
        if self.counts.get(UNKNOWN):
            return Verdict(UNKNOWN, f"nobody knows of {self.counts[UNKNOWN]:,} of {runs}; none failed", checker="fuzz")
        return Verdict("ok", f"none of {runs} failed", checker="fuzz")

    def __repr__(self) -> str:
        return "\n".join([str(self.verdict), *([self.replay] if self.failure is not None else [])])

    def _repr_html_(self) -> str:
        if self.failure is None:
            return f"<p>{escape(str(self.verdict))}</p>"
        return (f"<p>{escape(str(self.verdict))}</p>\n<pre style='white-space: pre-wrap'>{escape(self.replay)}</pre>\n"
                f"{again(self.failure, self.judge).picture._repr_html_()}")


def fuzz(experiment: Experiment, *, runs: int = 1_000, seed: int = 0, nodes: Sequence[int] | None = None,
         faults: Sequence[str] = KINDS, most_operations: int = 16, most_faults: int = 2, span: int = 150,
         judge: Judge = by_verdict, bad: Collection[str] = (VIOLATED, RAISED), executor: Executor | None = None,
         progress: bool = True) -> Fuzz:
    """Search for a run that goes wrong, and cut it down.

    Each run draws some of the experiment's operations, at times and with luck of their own, a number of nodes, and
    faults. The first run that fails is cut down by Hypothesis: operations, faults, single messages dropped or delayed,
    times, luck and nodes are taken away or made simpler together, as long as the outcome stays.

    Parameters
    ----------
    experiment : Experiment
        Its operations are what may be asked, its own faults happen in every run, its cluster is the largest there is.
        A cluster without a latency of its own gets `STRAGGLERS`.
    runs : int
        How many to make, if none fails.
    seed : int
        The same seed makes the same runs, on every Python and whatever the number of workers. (To what a failure is cut
        down depends on the version of Hypothesis; the line that replays it depends on nothing.)
    nodes : sequence of int, optional
        The sizes of cluster to try, in turn. Default: 2, 3, ... up to the experiment's; where nodes have
        names, classes or links of their own, only that one.
    faults : sequence of str
        Which kinds there may be. Leave out what the protocol does not promise to withstand;
        ``()`` is none.
    most_operations, most_faults : int
        In one run. A fault with its end (a partition and its healing) is one.
    span : int
        Milliseconds within which all of it begins.
    judge : function of a Run
        Gives a `Verdict` or a short text, the outcome. By default the workload's checker decides.
    bad : collection of str
        Outcomes that must not be.
    executor : concurrent.futures.Executor or None
        Where the random runs are made, with the same result; cutting down is done here. A Dask client's serves, too.
    progress : bool
        Whether work of more than two seconds shows a bar.

    Returns
    -------
    Fuzz
        Interrupted (Ctrl-C), or when a process of the executor has died, it holds what is known by then: the smallest
        failure so far, or a verdict ``unknown``.

    Raises
    ------
    Misuse
        If an argument makes no sense, or the same run ends in two ways: then something in it does not follow from
        the seed.

    Notes
    -----
    That nothing was found is no proof. The smallest run is a local one: no part that Hypothesis tried to take away
    can go.

    References
    ----------
    MacIver and Donaldson, "Test-case reduction via test-case generation: insights from the Hypothesis reducer",
    ECOOP 2020.
    Claessen and Hughes, "QuickCheck", ICFP 2000.

    Examples
    --------
    >>> from splitbrain import Cluster, Experiment, Node, register, rpc
    >>> class Forgetful(Node):
    ...     @rpc
    ...     async def put(self, key, value): return None
    ...     @rpc
    ...     async def get(self, key): return None
    >>> found = fuzz(Experiment(Cluster(Forgetful, nodes=1), register(ops=10)))
    >>> print(found.verdict.status, len(found.failure.workload), "operations,", len(found.failure.faults), "faults")
    violated 2 operations, 0 faults
    """
    if runs < 1 or most_operations < 0 or most_faults < 0 or span < 0:
        raise Misuse("fuzz makes at least one run, and counts operations, faults and milliseconds from 0; "
                     f"got {runs=}, {most_operations=}, {most_faults=}, {span=}")
    sizes = _sizes(experiment, nodes)
    alphabet = Alphabet(experiment.workload, tuple(experiment.cluster.names), tuple(faults), most_operations,
                        most_faults, span)
    setup = (parts(_with_stragglers(experiment)), alphabet, judge, tuple(bad), seed)
    counts: Counter[str] = Counter()
    failed, stopped = None, ""
    try:
        with progress_bar("fuzz", runs, show=progress) as advance:
            failed = _look(setup, range(runs), sizes, executor, counts, advance)
            # The fewer the nodes, the easier it is to see what went wrong.
            if failed is not None and (fewer := [size for size in sizes if size < failed.schedule.nodes]):
                made = counts.total()
                more = range(made, min(runs, made + max(_LOOK_ON, 2 * made)))
                failed = _look(setup, more, fewer, executor, counts, advance) or failed
    except WorkerLost:
        stopped = "a worker died (out of memory, or node code that ended its process)"
    except KeyboardInterrupt:
        stopped = "interrupted"
    if failed is None:
        return Fuzz(dict(counts.most_common()), stopped=stopped)
    failing, word, note = _smallest(Hunt(*setup), failed, sizes, experiment.workload.final, progress)
    return Fuzz(dict(counts.most_common()), failing, word, note, judge=judge)


def _look(setup: tuple, numbers: range, sizes: Sequence[int], executor: Executor | None, counts: Counter[str],
          advance: Callable[[int], object]) -> Batch | None:
    """The first batch with a run that failed."""
    for batch in batches(setup, numbers, sizes, executor):
        counts.update(batch.counts)
        advance(batch.counts.total())
        if batch.failed:
            return batch
    return None


def _smallest(hunt: Hunt, failed: Batch, sizes: tuple[int, ...], final: int,
              progress: bool) -> tuple[Experiment, str, str]:
    """The smallest run that fails as this one did, what the judge says of it, and the sentence."""
    with progress_bar("cutting down", show=progress) as advance:
        def fails(schedule: Schedule) -> bool:
            advance(1)
            return hunt.outcome(schedule) == failed.failed

        schedule = next(filter(fails, hunt.loosened(failed.schedule)), failed.schedule)
        experiment = hunt.experiment(cut_down(schedule, fails, sizes=sizes, final=final))
    word, note, _ = outcome(experiment, hunt.judge)
    if word != failed.failed:
        raise Misuse(f"the same run ended once as {failed.failed!r}, once as {word!r}: something in it does not follow "
                     f"from the seed (a clock, random(), the order of a set?): {replay_line(experiment, hunt.judge)}")
    cluster = experiment.cluster.fresh(journal=True)
    cluster.close()
    return replace(experiment, cluster=cluster), word, note


def _sizes(experiment: Experiment, wanted: Sequence[int] | None) -> tuple[int, ...]:
    """The sizes of cluster to try. Only nodes that are all alike can be fewer."""
    arguments, names = experiment.cluster.arguments, experiment.cluster.names
    alike = (len(set(arguments["nodes"].values())) == 1 and arguments["links"] is None
             and names == [f"n{i + 1}" for i in range(len(names))])
    if wanted is None:
        wanted = range(min(2, len(names)), len(names) + 1) if alike else [len(names)]
    sizes = tuple(wanted)
    if not sizes or not all(isinstance(size, int) and 1 <= size <= len(names) for size in sizes):
        raise Misuse(f"fuzz: sizes of cluster are numbers from 1 to the experiment's {len(names)}, not {wanted!r}")
    if not alike and set(sizes) != {len(names)}:
        raise Misuse("fuzz: nodes with names, classes or links of their own cannot be fewer: leave nodes=... out")
    return sizes


def _with_stragglers(experiment: Experiment) -> Experiment:
    if experiment.cluster.arguments["latency"] is not None:
        return experiment
    cluster = experiment.cluster.fresh(latency=STRAGGLERS, storage="memory")
    cluster.close()
    return replace(experiment, cluster=cluster)


def _is_an_end(fault: Fault) -> bool:
    """Whether it only ends another: a cut and its healing are one fault."""
    if fault.name in ("slow", "loss", "duplicate", "reorder"):
        return not next(value for value in fault.args if not isinstance(value, str))
    return fault.name in ("heal", "restart", "resume")


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
