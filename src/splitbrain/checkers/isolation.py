"""Isolation models, the anomalies that each forbids, and so which models a history rules out.

Names of anomalies are Adya's, names of models Jepsen's. *Stronger* models allow fewer histories. What an anomaly rules
out is every model that forbids it, or forbids something that it is a case of, and every model stronger than those.

Sources: A. Adya, "Weak Consistency", PhD thesis, MIT 1999 (G0 to G2, PL-1 to PL-3, PL-2+, PL-SI);
P. Bailis and others, "Highly Available Transactions", PVLDB 7(3), 2013 (lost update, monotonic atomic view);
A. Cerone, G. Bernardi, A. Gotsman, "A Framework for Transactional Consistency Models with Atomic Visibility", CONCUR
2015 (internal, read atomic, update atomic). The arrangement, and the variants of a cycle with process or real-time
edges, are those of Elle (K. Kingsbury and P. Alvaro, "Elle: Inferring Isolation Anomalies from Experimental
Observations", VLDB 2020), less the models that its checker can never name as the weakest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

DATA, PROCESS, REALTIME = "", "-process", "-realtime"
LEVELS = (DATA, PROCESS, REALTIME)
CYCLES = ("G0", "G1c", "G-single-item", "G-nonadjacent-item", "G2-item")
"""From the gravest; each also with ``-process`` and ``-realtime``, if the cycle needs such an edge."""

# model: the models just weaker than it
_WEAKER = {
    "read-uncommitted": (),
    "read-committed": ("read-uncommitted",),
    "cursor-stability": ("read-committed",),
    "monotonic-view": ("read-committed",),
    "monotonic-snapshot-read": ("read-committed",),
    "monotonic-atomic-view": ("read-committed",),
    "consistent-view": ("cursor-stability", "monotonic-view"),
    "forward-consistent-view": ("consistent-view",),
    "update-serializable": ("forward-consistent-view",),
    "repeatable-read": ("cursor-stability", "monotonic-atomic-view"),
    "read-atomic": ("monotonic-atomic-view",),
    "update-atomic": ("read-atomic",),
    "parallel-snapshot-isolation": ("update-atomic",),
    "snapshot-isolation": ("forward-consistent-view", "monotonic-snapshot-read", "parallel-snapshot-isolation"),
    "serializable": ("repeatable-read", "update-serializable", "snapshot-isolation"),
    "strong-session-read-uncommitted": ("read-uncommitted",),
    "strong-session-read-committed": ("read-committed", "strong-session-read-uncommitted"),
    "strong-session-snapshot-isolation": ("snapshot-isolation", "strong-session-read-committed"),
    "strong-session-serializable": ("serializable", "strong-session-snapshot-isolation"),
    "strong-read-uncommitted": ("strong-session-read-uncommitted",),
    "strong-read-committed": ("strong-session-read-committed", "strong-read-uncommitted"),
    "strong-snapshot-isolation": ("strong-session-snapshot-isolation", "strong-read-committed"),
    "strict-serializable": ("strong-session-serializable", "strong-snapshot-isolation"),
}
MODELS = tuple(_WEAKER)

# model: what it forbids beyond what weaker ones do
_FORBIDS = {
    "read-uncommitted": ("G0", "duplicate-elements", "garbage-read"),
    "read-committed": ("G1",),
    "cursor-stability": ("lost-update",),
    "consistent-view": ("G-single",),
    "repeatable-read": ("G2-item",),
    "read-atomic": ("internal",),
    "update-atomic": ("lost-update",),
    "snapshot-isolation": ("G-nonadjacent",),
    "serializable": ("G2",),
    "strong-session-read-uncommitted": ("G0-process",),
    "strong-session-read-committed": ("G1c-process",),
    "strong-session-snapshot-isolation": ("G-nonadjacent-process",),
    "strong-session-serializable": ("G2-process",),
    "strong-read-uncommitted": ("G0-realtime",),
    "strong-read-committed": ("G1c-realtime",),
    "strong-snapshot-isolation": ("G-nonadjacent-realtime",),
    "strict-serializable": ("G2-realtime",),
}

# anomaly: what it is a case of; what a cycle is a case of, its variants are too, with the same suffix
_CASE_OF = {
    "G1a": ("G1",),
    "G1b": ("G1",),
    "G1c": ("G1",),
    "incompatible-order": ("G1a",),
    "dirty-update": ("G1a",),
    "future-read": ("G1c",),
    "lost-update": ("G2-item",),
}
_CYCLE_CASE_OF = {
    "G0": ("G1c",),
    "G-single-item": ("G-single", "G-nonadjacent-item"),
    "G-single": ("G-nonadjacent",),
    "G-nonadjacent-item": ("G-nonadjacent", "G2-item"),
    "G-nonadjacent": ("G2",),
    "G2-item": ("G2",),
    "G1c": (),
    "G2": (),
}
ANOMALIES = ("G0", "duplicate-elements", "garbage-read", "G1a", "G1b", "G1c", "dirty-update", "incompatible-order",
             "future-read", "internal", "lost-update", "G-single-item", "G-nonadjacent-item", "G2-item",
             *(name + level for level in LEVELS[1:] for name in CYCLES))
"""All that can be reported, from the gravest."""


def _cases() -> Mapping[str, tuple[str, ...]]:
    table = {name: list(of) for name, of in _CASE_OF.items()}
    for name, of in _CYCLE_CASE_OF.items():
        for weaker, level in zip((*LEVELS[1:], None), LEVELS, strict=True):
            table.setdefault(name + level, []).extend(other + level for other in of)
            if weaker:
                table[name + level].append(name + weaker)
    return {name: tuple(of) for name, of in table.items()}


_ALL_CASES = _cases()


def _reached(start: Iterable[str], steps: Mapping[str, Iterable[str]]) -> set[str]:
    found, new = set(), list(start)
    while new:
        name = new.pop()
        if name not in found:
            found.add(name)
            new.extend(steps.get(name, ()))
    return found


def ruled_out(anomalies: Iterable[str]) -> set[str]:
    """Every model that allows none of these anomalies.

    >>> sorted(ruled_out(["G-single-item-realtime"]))
    ['strict-serializable', 'strong-snapshot-isolation']
    """
    shown = _reached(anomalies, _ALL_CASES)
    stronger: dict[str, list[str]] = {}
    for model, weaker in _WEAKER.items():
        for other in weaker:
            stronger.setdefault(other, []).append(model)
    return _reached((m for m, forbidden in _FORBIDS.items() if shown.intersection(forbidden)), stronger)


def weakest(models: Iterable[str]) -> tuple[str, ...]:
    """Of these models those that are stronger than no other of them.

    >>> weakest(ruled_out(["G1c", "G2-item"]))
    ('read-committed',)
    """
    models = set(models)
    return tuple(m for m in MODELS if m in models and not models & _reached(_WEAKER[m], _WEAKER))


def forbidden(model: str) -> set[str]:
    """The anomalies that a model allows no history to have.

    Raises
    ------
    ValueError
        If there is no such model.
    """
    if model not in _WEAKER:
        raise ValueError(f"there is no isolation model {model!r}; there are {', '.join(MODELS)}")
    return {name for name in ANOMALIES if model in ruled_out([name])}


def asked_for(names: Iterable[str]) -> set[str]:
    """These anomalies, and all that are cases of them: ``G1`` asks for G0 too.

    Raises
    ------
    ValueError
        If one of them is no anomaly.
    """
    names = list(names)
    known = set(_ALL_CASES) | set(ANOMALIES) | {other for of in _ALL_CASES.values() for other in of}
    for name in names:
        if name not in known:
            raise ValueError(f"there is no anomaly {name!r}; there are {', '.join(sorted(known))}")
    return {name for name in ANOMALIES if _reached([name], _ALL_CASES).intersection(names)}
