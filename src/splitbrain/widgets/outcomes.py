"""What has come of a run so far: how much was answered, how fast, how stale, whether the answers can be right, and
what it has cost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from statistics import median, quantiles

from splitbrain.checkers import judge, linearizability
from splitbrain.checkers.staleness import lags
from splitbrain.client import Pending
from splitbrain.records import History, Verdict, Witness

MOST = 500
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
    asked = sum(len(client.operations) for client in cluster.clients.values())
    last, ledger = _last(cluster), cluster.ledger
    history = cluster.history if asked <= MOST else History()
    verdict = _judge(history, check) if asked <= MOST else Verdict("unknown", f"{asked:,} operations are too many to "
                                                                   "judge at every step")
    told = [("answered", _answered(last, asked)), ("latency", _latency(last)), ("staleness", _stale(history)),
            ("cost", f"{_many(ledger.messages, 'message')}, {_many(ledger.delays, 'delay')} for the longest answer, "
                     f"{_many(ledger.forced_writes, 'forced write')}")]
    return {"told": [[word, text] for word, text in told if text],
            "verdict": None if verdict is None else {"status": verdict.status, "text": verdict.explanation},
            "witness": _witness(history, None if verdict is None else verdict.witness)}


def _last(cluster) -> list[Pending]:
    """The last operations that clients asked for, at most `MOST`: what is said of them costs the same in a long run."""
    asked = [p for client in cluster.clients.values() for p in client.operations[-MOST:]]
    return sorted(asked, key=lambda p: p.start)[-MOST:]


def _judge(history: History, check) -> Verdict | None:
    if check is None or not history:
        return None
    try:
        return _quick(check, history)
    except ValueError:  # operations of another kind than this checker knows
        return None


def _quick(check, history: History) -> Verdict:
    if check == "linearizability":
        return linearizability(history, budget=_BUDGET)
    return judge(check, history)


def _answered(last: list[Pending], asked: int) -> str:
    if not asked:
        return ""
    counts = Counter(p.status if p.done else "waiting" for p in last)
    rest = [f"{counts[kind]} {word}" for kind, word in (("fail", "refused"), ("unknown", "without an answer"),
                                                        ("waiting", "waiting")) if counts[kind]]
    which = f"{asked}" if asked == len(last) else f"the last {len(last):,}"
    return f"{counts['ok']:,} of {which}" + (f" ({', '.join(rest)})" if rest else "")


def _latency(last: list[Pending]) -> str:
    took = sorted(p.returned - p.invoked for p in last if p.status == "ok")
    if not took:
        return ""
    if len(took) < 20:
        return f"{median(took):.1f} ms" + (f" in the middle, {took[-1]:.1f} ms at most" if len(took) > 1 else "")
    return f"{median(took):.1f} ms in the middle, {quantiles(took, n=20)[-1]:.1f} ms for 95 of 100"


def _stale(history: History) -> str:
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
