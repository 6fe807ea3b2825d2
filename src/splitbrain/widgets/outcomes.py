"""What has come of a run so far: how much was answered, how fast, how stale, whether the answers can be right, and
what it has cost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from statistics import median, quantiles

from splitbrain.checkers import judge, linearizability
from splitbrain.checkers.staleness import lags
from splitbrain.records import History, Verdict, Witness

MOST = 1000
"""A longer history is not judged as it goes: every picture would wait for the checker."""
_BUDGET = 20_000  # states of a search: a fifth of a second


def outcomes(cluster, check: str | Callable[[History], Verdict] | None) -> dict:
    """What there is to say of a run, as plain data for the page.

    Parameters
    ----------
    cluster : Cluster
    check : str or function
        Who judges the answers, as `splitbrain.checkers.judge` takes it; None: nobody.

    Returns
    -------
    dict
        ``told``: pairs of a word and a text. ``verdict``: None, or its ``status`` and ``text``. ``witness``: the ids of
        the ``operations`` and the positions of the ``events`` that show it.
    """
    history, ledger = cluster.history, cluster.ledger
    verdict = _judge(history, check)
    counts = Counter(o.status for o in history if o.returned is not None)
    told = [("answered", _answered(counts, len(history))), ("latency", _latency(history)),
            ("staleness", _stale(history)),
            ("cost", f"{_many(ledger.messages, 'message')}, {_many(ledger.delays, 'delay')} for the longest answer, "
                     f"{_many(ledger.forced_writes, 'forced write')}")]
    return {"told": [[word, text] for word, text in told if text],
            "verdict": None if verdict is None else {"status": verdict.status, "text": verdict.explanation},
            "witness": _witness(history, None if verdict is None else verdict.witness)}


def _judge(history: History, check) -> Verdict | None:
    if check is None or not history:
        return None
    if len(history) > MOST:
        return Verdict("unknown", f"{len(history):,} operations are too many to judge at every step")
    try:
        return _quick(check, history)
    except ValueError:  # operations of another kind than this checker knows
        return None


def _quick(check, history: History) -> Verdict:
    if check == "linearizability":
        return linearizability(history, budget=_BUDGET)
    return judge(check, history)


def _answered(counts: Counter, asked: int) -> str:
    if not asked:
        return ""
    rest = [f"{n} {word}" for n, word in ((counts["fail"], "refused"), (counts["unknown"], "without an answer"),
                                          (asked - sum(counts.values()), "waiting")) if n]
    return f"{counts['ok']} of {asked}" + (f" ({', '.join(rest)})" if rest else "")


def _latency(history: History) -> str:
    took = sorted(o.returned - o.invoked for o in history if o.status == "ok" and o.returned is not None)
    if not took:
        return ""
    if len(took) < 20:
        return f"{median(took):.1f} ms" + (f" in the middle, {took[-1]:.1f} ms at most" if len(took) > 1 else "")
    return f"{median(took):.1f} ms in the middle, {quantiles(took, n=20)[-1]:.1f} ms for 95 of 100"


def _stale(history: History) -> str:
    if len(history) > MOST:
        return ""
    try:
        behind = [lag for lag in lags(history) if lag.versions]
    except ValueError:
        return ""
    if not any(o.status == "ok" and o.f in ("get", "read") for o in history):
        return ""
    if not behind:
        return "no read was behind"
    worst = max(behind, key=lambda lag: (lag.versions, lag.ms))
    return f"{_many(len(behind), 'read')} behind, by {_many(worst.versions, 'version')} and {worst.ms:.1f} ms at most"


def _witness(history: History, witness: Witness | None) -> dict:
    if witness is None:
        return {"operations": [], "events": []}
    number: Counter = Counter()
    ids = {}
    for o in history:
        ids[o.index] = f"{o.process}#{number[o.process]}"
        number[o.process] += 1
    return {"operations": [ids[o.index] for o in witness.operations[:20]], "events": list(witness.events[:20])}


def _many(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
