"""One line that runs a found failure again, exactly, and draws it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from splitbrain.errors import Misuse
from splitbrain.experiment import Experiment, Run
from splitbrain.explore.spelling import read_experiment, spell_experiment
from splitbrain.explore.trial import Judge, by_verdict
from splitbrain.node import Node
from splitbrain.records import History, Journal, Verdict


@dataclass(frozen=True)
class Replay:
    """A run that was run again. Views take it as they take a `splitbrain.Run`; a notebook shows its picture.

    Attributes
    ----------
    run : Run
        Its verdict is the judge's; its cluster stands open, as it was at the end, to be looked at.
    line : str
        The line that makes it again.
    """

    run: Run
    line: str

    @property
    def journal(self) -> Journal:
        return self.run.journal

    @property
    def history(self) -> History:
        return self.run.history

    @property
    def verdict(self) -> Verdict:
        return self.run.verdict

    @property
    def picture(self) -> Any:
        """What happened, as `splitbrain.views.space_time` draws it, the witness marked."""
        from splitbrain.views import space_time

        return space_time(self.run)

    def __repr__(self) -> str:
        return f"{self.verdict}\n{self.history}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self.verdict))}</p>\n{self.picture._repr_html_()}"


def replay(node: type[Node] | dict[str, type[Node]] | str, text: str | None = None, *,
           check: str | Callable[[History], Verdict] | None = None, judge: Judge | None = None) -> Replay:
    """Run again what a search has found: the same events, to the byte, on every machine.

    Searches print the whole call; paste it into a cell. A class or a checker that lives in a notebook is given by its
    name, since only there can it be found.

    Parameters
    ----------
    node : type, dict of str to type, or left out
        The class of the nodes, where the text names none.
    text : str
        Cluster, operations and faults: see `splitbrain.explore.spelling`.
    check : str or function of a History, giving a Verdict
        Who judges the history, where the text does not say.
    judge : function of a Run
        Who judges the run, where the search had a judge of its own and the text does not say.

    Raises
    ------
    Misuse
        If the text cannot be understood, or names what is not here.

    Notes
    -----
    The same code has to be there: a node whose handlers were changed since does something else.

    Examples
    --------
    >>> from splitbrain import Node, rpc
    >>> class Forgetful(Node):
    ...     @rpc
    ...     async def put(self, key, value): return None
    ...     @rpc
    ...     async def get(self, key): return None
    >>> replay(Forgetful, "nodes=1, ask=[op(0, 'c1', 'put', 'x', 1), op(20, 'c1', 'get', 'x')], "
    ...                   "check='linearizability'").verdict.status
    'violated'
    """
    if isinstance(node, str):
        if text is not None:
            raise Misuse("replay(MyNode, '...') or replay('...'): one text, and before it the class if need be")
        node, text = None, node
    elif text is None:
        raise Misuse("replay(MyNode, '...') needs the line that a search has printed")
    experiment, judge = read_experiment(text, node, check, judge)
    experiment.cluster.close()  # it is only copied
    return again(experiment, judge)


def again(experiment: Experiment, judge: Judge = by_verdict) -> Replay:
    """Run an experiment with its journal on, and let a judge have the last word."""
    with experiment.cluster.fresh(journal=True) as cluster:
        run = replace(experiment, cluster=cluster).run()
    said = judge(run)
    verdict = said if isinstance(said, Verdict) else replace(run.verdict, explanation=f"{said} ({run.verdict})")
    return Replay(replace(run, verdict=verdict), replay_line(experiment, judge))


def replay_line(experiment: Experiment, judge: Judge = by_verdict) -> str:
    """The call of `replay` that runs an experiment again.

    >>> from splitbrain import Cluster, Experiment, at, isolate, register
    >>> from splitbrain.node import Node
    >>> replay_line(Experiment(Cluster(Node, nodes=2), register(ops=1, clients=1), faults=[at(5, isolate("n1"))]))
    ... # doctest: +ELLIPSIS
    'replay("node=\\'splitbrain.node:Node\\', nodes=2, ask=[op(50.665, ...)], faults=[at(5, isolate(\\'n1\\'))], ...")'
    """
    node, text, named = spell_experiment(experiment, None if judge is by_verdict else judge)
    quoted = f'"{text}"' if '"' not in text and "\\" not in text else repr(text)
    beside = [f"{name}={code}" for name, code in named.items()]
    return f"replay({', '.join([*([node] if node else []), quoted, *beside])})"
