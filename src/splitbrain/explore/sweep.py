"""A run again for every crash point of every node: what would have happened, had it died exactly there?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any

from splitbrain.errors import Misuse
from splitbrain.experiment import Experiment
from splitbrain.explore.campaign import Campaign, WorkerLost
from splitbrain.explore.progress import progress_bar
from splitbrain.explore.replay import replay_line
from splitbrain.explore.trial import RAISED, Judge, by_verdict, parts, sweeper
from splitbrain.faults import At, Fault, at, crash_at
from splitbrain.records import OK, UNKNOWN, VIOLATED, Verdict

_BATCH = 25  # runs that travel to a worker together


@dataclass(frozen=True)
class Case:
    """One run of a sweep.

    Attributes
    ----------
    crashes : tuple of Fault
        Empty for the run in which nothing crashed, two in a sweep of pairs.
    outcome : str
        What the judge said; ``raised`` if node code ended the run with an error.
    note : str
        The sentence that goes with it.
    experiment : Experiment
        With these crashes among its faults: run it again, or print its `replay`.
    judge : function of a Run
        Who has judged.
    """

    crashes: tuple[Fault, ...]
    outcome: str
    note: str
    experiment: Experiment
    judge: Judge = by_verdict

    @property
    def replay(self) -> str:
        """The line that runs it again, has it judged again, and draws it."""
        return replay_line(self.experiment, self.judge)

    @property
    def place(self) -> str:
        """Who died where: ``n1 at 4``, ``n1 at 4 (power, back after 50 ms) and n2 at 7``."""
        told = [_point(c) + (f" ({', '.join(_how(c))})" if _how(c) else "") for c in self.crashes]
        return " and ".join(told) or "no crash"

    def __str__(self) -> str:
        return f"{self.place}: {self.outcome}" + (f" ({self.note})" if self.note else "")


@dataclass(frozen=True)
class Sweep:
    """What came of every crash.

    Attributes
    ----------
    cases : tuple of Case
        The first is the run in which nothing crashed.
    bad : tuple of str
        Outcomes that must not be.
    stopped : str
        Why it ended before all was tried; ``""`` if all was.
    """

    cases: tuple[Case, ...]
    bad: tuple[str, ...]
    stopped: str = ""

    @cached_property
    def counts(self) -> dict[str, int]:
        """How often each outcome came, the most frequent first."""
        return dict(Counter(case.outcome for case in self.cases).most_common())

    @property
    def failures(self) -> tuple[Case, ...]:
        """The cases whose outcome must not be."""
        return tuple(case for case in self.cases if case.outcome in self.bad)

    @property
    def worst(self) -> Case:
        """The first of the worst: what must not be, else what nobody knows, else what is not as without a crash."""
        return max(self.cases, key=self._badness)

    def _badness(self, case: Case) -> tuple[bool, bool, bool]:
        return case.outcome in self.bad, case.outcome == UNKNOWN, case.outcome != self.cases[0].outcome

    @property
    def verdict(self) -> Verdict:
        """``ok`` only if every crash was tried and none had an outcome that must not be, or that nobody knows."""
        told = ", ".join(f"{count} {word}" for word, count in self.counts.items())
        runs = f"{len(self.cases):,} runs: {told}"
        if self.failures:
            worst = self.worst
            return Verdict(VIOLATED, f"{worst}. {runs}", checker="sweep")
        if self.stopped:
            return Verdict(UNKNOWN, f"{self.stopped} after {runs}", checker="sweep")
        if UNKNOWN in self.counts:
            return Verdict(UNKNOWN, f"{self.worst}. {runs}", checker="sweep")
        return Verdict(OK, runs, checker="sweep")

    def heat_map(self, title: str = "") -> Any:
        """A row for each node and kind of crash, a column for each crash point; for pairs, crash against crash.

        Where several runs fall into one cell, it shows the worst of them.
        """
        from splitbrain.views import heat_map

        pairs = [case for case in self.cases if len(case.crashes) == 2]
        cells: dict[tuple[str, str], Case] = {}
        for case in pairs or self.cases[1:]:
            place = _pair_place(case) if pairs else _place(case)
            cells[place] = max(cells.get(place, case), case, key=self._badness)
        if not cells:
            raise Misuse("this sweep has tried no crash, so there is nothing to draw")
        rows, columns = (list(dict.fromkeys(labels)) for labels in zip(*cells, strict=True))
        labels = {"row_label": "first crash", "column_label": "second crash"} if pairs else {
            "row_label": "crash", "column_label": "before crash point"}
        return heat_map(rows, sorted(columns, key=_natural), {p: c.outcome for p, c in cells.items()},
                        title=title or "What comes of a crash", legend=list(self.counts), bad=self.bad, **labels)

    def __str__(self) -> str:
        lines = [str(self.verdict)]
        if self.worst.outcome in (*self.bad, UNKNOWN):
            lines.append(self.worst.replay)
        return "\n".join(lines)

    __repr__ = __str__


def sweep(experiment: Experiment, *, judge: Judge = by_verdict, nodes: Sequence[str] | None = None,
          kinds: Sequence[str] = ("process", "power"), restart: Sequence[float | None] = (None, 50.0),
          pairs: bool = False, bad: Collection[str] = (VIOLATED, RAISED), limit: int | None = None,
          executor: Executor | None = None, progress: bool = True) -> Sweep:
    """Run an experiment again for every crash point of every node.

    Parameters
    ----------
    experiment : Experiment
        Run once without a crash, then once for each crash; its own faults happen each time.
    judge : function of a Run
        Gives a `Verdict` or a short text, the outcome. By default the workload's checker decides. What it raises ends
        the sweep. A journal is kept only for a judge that looks at it, which takes about a fifth more time.
    nodes : sequence of str, optional
        Who is to crash. Default: every node.
    kinds : sequence of "process", "power"
    restart : sequence of float or None
        Milliseconds after which the node comes back; None: it stays away. Each is tried.
    pairs : bool
        Also two crashes in one run: the first at every point, the second at every point that a node passed in the run
        with the first, of the same kind. That includes a second crash of the node that came back, as it recovers.
    bad : collection of str
        Outcomes that must not be.
    limit : int or None
        At most so many runs; if there are more to make, the verdict is ``unknown``.
    executor : concurrent.futures.Executor or None
        Where the runs are made, in the same order and with the same result. A Dask client's serves, too.
    progress : bool
        Whether work of more than two seconds shows a bar.

    Returns
    -------
    Sweep
        Interrupted (Ctrl-C), or when a process of the executor has died, it holds the cases tried by then, and its
        verdict is not ``ok``.

    Raises
    ------
    Misuse
        If it names a node or a kind of crash that is not there, or none, or the run without a crash does not end.

    Notes
    -----
    It is exhaustive for one order of messages, the one that the cluster's seed and latency give. For other orders,
    see `splitbrain.explore.fuzz`.

    References
    ----------
    Pillai et al., "All file systems are not created equal", OSDI 2014, who sweep what programs do to a disk.
    """
    hunt = _Hunt(experiment, judge, tuple(nodes or experiment.cluster.names), tuple(kinds), tuple(restart))
    cases, stopped = [], ""
    try:
        first = hunt.without_a_crash()
        cases.append(first)
        with (progress_bar("sweep", hunt.total(pairs), show=progress) as advance,
              closing(hunt.cases(pairs, executor)) as found):
            for case in found:
                if limit is not None and len(cases) >= limit:
                    stopped = "stopped at its limit"
                    break
                cases.append(case)
                advance(1)
    except WorkerLost:
        stopped = "a worker died (out of memory, or node code that ended its process)"
    except KeyboardInterrupt:
        stopped = "interrupted"
        if not cases:
            raise
    return Sweep(tuple(cases), tuple(bad), stopped)


class _Hunt:
    """Makes the cases of a sweep. `points` are how many crash points each node has without a crash."""

    def __init__(self, experiment: Experiment, judge: Judge, nodes: tuple[str, ...], kinds: tuple[str, ...],
                 restarts: tuple[float | None, ...]):
        unknown = [name for name in nodes if name not in experiment.cluster.names]
        if unknown:
            raise Misuse(f"sweep: there is no node {unknown[0]!r}; there are {', '.join(experiment.cluster.names)}")
        if not kinds or not restarts:
            raise Misuse("sweep: with no kind of crash, or nothing to follow it, there is nothing to try")
        self.experiment, self.judge = experiment, judge
        self.nodes, self.kinds, self.restarts = nodes, kinds, restarts
        self.points: dict[str, int] = {}

    def without_a_crash(self) -> Case:
        work = sweeper(*parts(self.experiment), self.judge)
        [(word, note, points)] = work([()])
        if not points:
            raise Misuse(f"sweep: without any crash, the run ends with an error: {note}")
        self.points = dict(zip(self.experiment.cluster.names, points, strict=True))
        return Case((), word, note, self.experiment, self.judge)

    def total(self, pairs: bool) -> int | None:
        return None if pairs else sum(self.points[n] for n in self.nodes) * len(self.kinds) * len(self.restarts)

    def cases(self, pairs: bool, executor: Executor | None) -> Iterator[Case]:
        """Every single crash; then, if asked for, every pair."""
        campaign = Campaign(sweeper, (*parts(self.experiment), self.judge), executor)
        passed: dict[Fault, tuple[int, ...]] = {}
        for crashes, (word, note, points) in self._run(campaign, ((fault,) for fault in self.singles())):
            passed[crashes[0]] = points
            yield self._case(crashes, word, note)
        if pairs:
            for crashes, (word, note, _) in self._run(campaign, self.pairs(passed)):
                yield self._case(crashes, word, note)

    def singles(self) -> Iterator[Fault]:
        for node in self.nodes:
            for kind in self.kinds:
                for ms in self.restarts:
                    for point in range(1, self.points[node] + 1):
                        yield crash_at(node, point, kind=kind, restart=ms)

    def pairs(self, passed: dict[Fault, tuple[int, ...]]) -> Iterator[tuple[Fault, Fault]]:
        """Each pair once: that n1 dies at 4 and n2 at 7 is the same as that n2 dies at 7 and n1 at 4."""
        seen, names = set(), self.experiment.cluster.names
        for first, points in passed.items():
            (node, point), options = first.args, dict(first.options)
            for other, most in zip(names, points, strict=False):
                if other not in self.nodes or (other == node and "restart" not in options):
                    continue
                for later in range(point + 1 if other == node else 1, most + 1):
                    second = crash_at(other, later, **options)
                    if frozenset((first, second)) not in seen:
                        seen.add(frozenset((first, second)))
                        yield first, second

    @staticmethod
    def _run(campaign: Campaign, jobs: Iterable[tuple[Fault, ...]]) -> Iterator[tuple[tuple[Fault, ...], tuple]]:
        batches: list[list[tuple[Fault, ...]]] = []

        def batched() -> Iterator[list[tuple[At, ...]]]:
            rest = iter(jobs)
            while batch := list(islice(rest, _BATCH)):
                batches.append(batch)
                yield [tuple(at(0, crash) for crash in crashes) for crashes in batch]

        with closing(campaign.results(batched())) as results:
            for told in results:
                yield from zip(batches.pop(0), told, strict=True)

    def _case(self, crashes: tuple[Fault, ...], word: str, note: str) -> Case:
        faults = (*self.experiment.faults, *(at(0, crash) for crash in crashes))
        return Case(crashes, word, note, replace(self.experiment, faults=faults), self.judge)


def _point(crash: Fault) -> str:
    return f"{crash.args[0]} at {crash.args[1]}"


def _how(crash: Fault) -> list[str]:
    options = dict(crash.options)
    told = ["power"] if options.get("kind") == "power" else []
    return told + ([f"back after {options['restart']:g} ms"] if "restart" in options else [])


def _place(case: Case) -> tuple[str, str]:
    node, point = case.crashes[0].args
    return ", ".join([node, *_how(case.crashes[0])]), str(point)


def _pair_place(case: Case) -> tuple[str, str]:
    return _point(case.crashes[0]), _point(case.crashes[1])


def _natural(label: str) -> tuple[str, int]:
    *name, number = label.split()
    return " ".join(name), int(number)
