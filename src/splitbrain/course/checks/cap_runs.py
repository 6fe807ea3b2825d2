"""Lab 06: how a learner's register is tried, by hand and at random, and how what went wrong is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from splitbrain import Cluster, Experiment, Node, Refused, RpcError, register
from splitbrain.checkers import linearizability
from splitbrain.course.checks.watching import raise_first
from splitbrain.course.feedback import Wrong
from splitbrain.explore import fuzz
from splitbrain.explore.fuzz import Fuzz
from splitbrain.explore.replay import again
from splitbrain.explore.trial import by_verdict
from splitbrain.faults import At
from splitbrain.latency import constant
from splitbrain.records import History, Verdict
from splitbrain.views import Picture, space_time
from splitbrain.workloads import Planned, Workload

# Many operations at once: with a few, one run in a thousand meets a read that does not write back; so one in ten does.
BUSY = register(clients=10, ops=40, reads=0.65)
FEW = register(clients=3, ops=15, reads=0.6, every=40)  # with many, any value may be the right one
# Puts at the same moment, and when all is quiet gets at every node, which have to agree.
CROWD = Workload("crowd", (*(Planned(10, f"c{i}", i % 2, "put", "x", i) for i in range(1, 9)),
                           *(Planned(4000 + 100 * i, f"r{i}", i, "get", "x") for i in range(1, 7))),
                 "linearizability", final=6)
WITHOUT_REPEATS = ("partition", "isolate", "cut", "crash", "pause", "slow", "loss", "reorder")
NOBODY = "nobody"  # what `Scene.ask` gives where nobody answered


def searched(node: type[Node], *, runs: int, nodes: int = 3, sizes: Sequence[int] | None = None,
             faults: Sequence[str] = WITHOUT_REPEATS, always: Sequence[At] = (), judge: Callable = by_verdict,
             workload: Any = BUSY, seed: int = 6, most_operations: int = 40, most_faults: int = 2) -> int:
    """Make random runs of a learner's register; the smallest that goes wrong is told. Returns how many they were.

    Raises
    ------
    Wrong
        A run went wrong.
    """
    with Cluster(node, nodes=nodes) as cluster:
        found = fuzz(Experiment(cluster, workload, always), runs=runs, seed=seed, nodes=sizes, faults=faults,
                     judge=judge, most_operations=most_operations, most_faults=most_faults, span=100, progress=False)
    raise_first(node)
    if found.failure is not None:
        raise told(found)
    return found.runs


def told(found: Fuzz, what: str = "") -> Wrong:
    """What a search has found, as a message."""
    run = again(found.failure, found.judge)
    size = f"{_count(len(found.failure.cluster.names), 'node')}, {_count(len(found.failure.workload), 'operation')}"
    story = "\n".join(f"{one}" for one in run.history)
    said = what or f"the clients were told what no single copy would tell: {found.note}."
    if "was told that it had failed" in found.note:
        said += " (`Refused` says for certain that nothing was written. Where it may have been, raise `RpcError`.)"
    return Wrong(f"In one of {found.runs} random runs {said}\nThis is the smallest such run that was found "
                 f"({size}):\n{story}", picture=picture(run), replay=found.replay)


def picture(run: Any) -> Picture:
    """A run from its beginning, with what proves it wrong."""
    return space_time(run, width=860, limit=36)


def each_get_alone(run: Any) -> Verdict:
    """A register whose gets need not agree with each other while puts are on their way.

    Each get, with all puts, could have come from one copy (weak regularity: C. Shao, J. Welch, E. Pierce and H. Lee,
    "Multiwriter Consistency Conditions for Shared Memory Registers", SIAM J. Computing 40(1), 2011, section 3). And
    so could all gets together that overlap no put, and come after none that was not answered.
    """
    puts = [o for o in run.history if o.f == "put"]
    gets = [o for o in run.history if o.f == "get" and o.status == "ok"]
    quiet = [get for get in gets if all(_apart(put, get) for put in puts)]
    for some in [*([get] for get in gets), quiet]:
        verdict = linearizability(History(sorted([*puts, *some], key=lambda o: o.invoked)))
        if verdict.status != "ok":
            return verdict
    return Verdict("ok", "each get could have come from one copy", checker="linearizability")


def _apart(put: Any, get: Any) -> bool:
    if put.status == "fail" or put.invoked > (get.returned or get.invoked):
        return True
    return put.status == "ok" and put.returned < get.invoked


class Scene:
    """A few nodes asked by hand, every message 2 ms; what was done is kept for the message."""

    def __init__(self, node: type[Node], nodes: int):
        self.node, self.said = node, []
        self.cluster = Cluster(node, nodes=nodes, seed=1, latency=constant(2))

    def __enter__(self) -> Scene:
        return self

    def __exit__(self, *_) -> None:
        self.cluster.close()

    def does(self, what: str, *args: Any, **options: Any) -> None:
        """A fault, by its method's name."""
        getattr(self.cluster, what)(*args, **options)
        self.said.append(f"{what} {', '.join(map(str, args))}")

    def ask(self, name: str, f: str, *args: Any) -> Any:
        """The answer of a node, or `NOBODY`."""
        call = f"{f}({', '.join(map(repr, args))}) at {name}"
        try:
            answer = getattr(self.cluster.client(name), f)(*args)
            self.said.append(f"{call} -> {answer!r}" if f != "put" else f"{call} is done")
        except (Refused, RpcError) as error:
            raise_first(self.node)
            answer = NOBODY
            self.said.append(f"{call}: {error}")
        return answer

    def passes(self, ms: float) -> None:
        self.cluster.run(ms)
        self.said.append(f"{ms:g} ms pass")

    def begins(self, name: str, f: str, *args: Any, ms: float) -> Any:
        """Ask a node, and look on for so long; `ends` gives the answer."""
        call = f"{f}({', '.join(map(repr, args))}) at {name}"
        operation = self.cluster.client(name).start(f, *args)
        self.cluster.run(ms)
        self.said.append(f"{call} begins, and {ms:g} ms pass")
        return operation

    def ends(self, operation: Any) -> Any:
        """The answer to what was begun, or `NOBODY`."""
        try:
            answer = self.cluster.finish(operation)
        except (Refused, RpcError) as error:
            raise_first(self.node)
            answer = NOBODY
            self.said.append(f"the {operation.f}: {error}")
        else:
            self.said.append(f"the {operation.f} is done")
        return answer

    def wants(self, sentence: str, expected: Any, got: Any) -> None:
        """Tell that this is wrong, unless it is what was expected."""
        if got != expected:
            raise self.wrong(sentence, expected, got)

    def wrong(self, sentence: str, expected: Any, got: Any) -> Wrong:
        def spelt(value: Any) -> str:
            return "no answer" if value is NOBODY else repr(value)

        return Wrong(f"{sentence}\nWhat was done: {'; '.join(self.said)}.", expected=spelt(expected), got=spelt(got),
                     picture=picture(self.cluster))


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
