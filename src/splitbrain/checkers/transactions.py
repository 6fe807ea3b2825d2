"""Isolation: how far from one after the other did the transactions of a history run?

From what transactions read and wrote follows who must have come before whom (`dependency`, `list_append`,
`rw_register`); where that goes in a circle, or where one read by itself is wrong, an anomaly has been shown, and with
it every isolation model ruled out that forbids it (`cycles`, `isolation`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from splitbrain.checkers.cycles import Cycle, cycles
from splitbrain.checkers.dependency import KINDS, Dependencies
from splitbrain.checkers.explain import plural
from splitbrain.checkers.isolation import ANOMALIES, asked_for, forbidden, ruled_out, weakest
from splitbrain.checkers.list_append import ListAppend
from splitbrain.checkers.rw_register import RwRegister
from splitbrain.checkers.txns import Ambiguous, Finding, transactions_of
from splitbrain.records import OK, UNKNOWN, VIOLATED, Operation, Verdict, Witness

WORKLOADS = {"list-append": (ListAppend, "append"), "rw-register": (RwRegister, "w")}


def transactions(history: Iterable[Operation], *, workload: str = "list-append", model: str = "strict-serializable",
                 anomalies: Sequence[str] | None = None) -> Verdict:
    """Judge the isolation of transactions.

    Parameters
    ----------
    history : iterable of Operation
        Each ``txn``: its value as invoked, its result as completed, lists of micro-operations.
    workload : str
        ``list-append``, with ``["append", key, value]`` and ``["r", key, list]``; or ``rw-register``, with
        ``["w", key, value]`` and ``["r", key, value]``. No value may be written to a key twice.
    model : str
        The isolation that was promised, one of `isolation.MODELS`: an anomaly that it forbids violates it.
    anomalies : sequence of str, optional
        Instead of a model, the anomalies that are not to be: ``["G1"]`` covers G0, G1a, G1b and G1c.

    Returns
    -------
    Verdict
        Its `anomalies` are all that were found, also those that the model allows; `excluded` the weakest models that
        they rule out (every stronger one is ruled out with them). The witness is a shortest cycle, or the
        transactions of an anomaly that is none, of the gravest kind found; then come the transactions whose reads show
        the order of versions. `states` is the number of dependencies looked at.

    Raises
    ------
    ValueError
        If the history is no such history, or if there is no such workload, model or anomaly.

    Notes
    -----
    What is found is there: no order of versions that fits the history is without it, and so each excluded model is
    excluded whatever was not observed. What may be missed:

    - Lists: strict serializability is decided exactly. Where the order of some appends was never read, cycles of a
      graver kind may remain hidden behind the milder ones that are shown.
    - Registers: only a part of the order of versions shows, so ``ok`` says that no anomaly was *found*.

    If two lists read are incompatible, one of them is a wrong read; the longer is then trusted.

    References
    ----------
    A. Adya, "Weak Consistency", PhD thesis, MIT 1999. K. Kingsbury and P. Alvaro, "Elle: Inferring Isolation
    Anomalies from Experimental Observations", VLDB 2020.

    Examples
    --------
    >>> skew = [Operation("c1", "txn", None, None, [["r", "x", []], ["append", "y", 1]], start=0, end=2, index=0),
    ...         Operation("c2", "txn", None, None, [["r", "y", []], ["append", "x", 1]], start=1, end=3, index=1)]
    >>> verdict = transactions(skew)
    >>> verdict.anomalies, verdict.excluded
    (('G2-item',), ('repeatable-read',))
    >>> for clause in verdict.explanation.split("; "):
    ...     print(clause)
    G2-item, so not repeatable-read: T0 read x before T1 appended 1 to it, because T0 read x = []
    T1 read y before T0 appended 1 to it, because T1 read y = []
    """
    unwanted = forbidden(model) if anomalies is None else asked_for(anomalies)
    kind, write = _known(workload)
    txns = transactions_of(history, write, lists=kind is ListAppend)
    try:
        observed = kind(txns)
    except Ambiguous as twice:
        return Verdict(UNKNOWN, f"{twice}, so a read of it does not tell whose write it saw: values must differ",
                       workload)
    graph = _graph(observed)
    found: dict[str, Finding | Cycle] = {}
    for finding in observed.findings():
        found.setdefault(finding.anomaly, finding)
    for cycle in cycles(graph.core(), len(txns), tuple(found)):
        found[cycle.anomaly] = cycle
    names = tuple(name for name in ANOMALIES if name in found)
    bad = [name for name in names if name in unwanted]
    excluded = weakest(ruled_out(names))
    wanted = model if anomalies is None else ", ".join(anomalies)
    if not names:
        return Verdict(OK, _nothing(observed, graph), workload, states=len(graph))
    sentence, witness = _told(found[bad[0] if bad else names[0]], observed)
    others = [name for name in names if name != (bad or names)[0]]
    also = f" (also found: {', '.join(others)})" if others else ""
    if not bad:
        sentence = f"nothing was found that {wanted} forbids, but {sentence}"
    return Verdict(VIOLATED if bad else OK, sentence + also, workload, witness, names, excluded, len(graph))


def dependencies(history: Iterable[Operation], *, workload: str = "list-append") -> Any:
    """The dependencies between the transactions of a history, as a graph to look at.

    Returns
    -------
    networkx.MultiDiGraph
        A node an operation's index, with the `operation`; the key of an edge is its kind (``ww``, ``wr``, ``rw``,
        ``process``, ``realtime``), its `why` a clause. An edge of real time that follows from two others is left out.

    Examples
    --------
    >>> graph = dependencies([Operation("c1", "txn", None, None, [["append", "x", 1]], start=0, end=3, index=0),
    ...                       Operation("c2", "txn", None, None, [["r", "x", [1]]], start=1, end=2, index=1)])
    >>> [(start, end, kind) for start, end, kind in graph.edges(keys=True)]
    [(0, 1, 'wr')]
    """
    import networkx

    kind, write = _known(workload)
    txns = transactions_of(history, write, lists=kind is ListAppend)
    observed = kind(txns)
    graph = networkx.MultiDiGraph()
    graph.add_nodes_from((t.operation.index, {"operation": t.operation}) for t in txns)
    for start, end, how in _graph(observed).pairs(txns, observed.committed):
        graph.add_edge(txns[start].operation.index, txns[end].operation.index, how,
                       why=_why(observed, start, end, how)[0])
    return graph


def _known(workload: str) -> tuple[type, str]:
    if workload not in WORKLOADS:
        raise ValueError(f"there is no workload {workload!r}; there are {', '.join(WORKLOADS)}")
    return WORKLOADS[workload]


def _graph(observed: ListAppend | RwRegister) -> Dependencies:
    graph = Dependencies(len(observed.txns))
    observed.link(graph)
    graph.add_orders(observed.txns, observed.committed)
    return graph


def _nothing(observed: ListAppend | RwRegister, graph: Dependencies) -> str:
    count, assumed = sum(observed.committed), observed.assumed()
    said = f"no anomaly was found in {plural(count, 'transaction')}"
    if not any(graph.edges[kind][0] for kind in KINDS[:3]):
        said += ", none of which saw or overwrote what another wrote"
    return f"{said}; {assumed}" if assumed else said


def _told(found: Finding | Cycle, observed: ListAppend | RwRegister) -> tuple[str, Witness]:
    """The sentence and the witness of one anomaly."""
    rules_out = f"{found.anomaly}, so not {' nor '.join(weakest(ruled_out([found.anomaly])))}"
    operations = [txn.operation for txn in observed.txns]
    if isinstance(found, Finding):
        nodes, reasons, sentence = found.transactions, found.edges, found.sentence
    else:
        because = [(edge, *_why(observed, *edge)) for edge in found.edges]
        nodes = (*(start for start, _, _ in found.edges), *(n for _, _, readers in because for n in readers))
        reasons = [(start, end, f"{kind}: {clause}") for (start, end, kind), clause, _ in because]
        sentence = "; ".join(clause for _, clause, _ in because)
    edges = tuple((operations[start].index, operations[end].index, reason) for start, end, reason in reasons)
    return f"{rules_out}: {sentence}", Witness(tuple(operations[n] for n in dict.fromkeys(nodes)), edges=edges)


def _why(observed: ListAppend | RwRegister, start: int, end: int, kind: str) -> tuple[str, tuple[int, ...]]:
    if kind in KINDS[:3]:
        return observed.why(start, end, kind)
    one, two = observed.txns[start], observed.txns[end]
    owner = f", both of {one.operation.process}" if kind == "process" else ""
    return f"{one.name} was over before {two.name} began{owner}", ()
