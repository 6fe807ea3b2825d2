"""Convergence: do the replicas that are up hold the same data, since when, and how far apart were they before?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from splitbrain.checkers.explain import plural
from splitbrain.records import OK, UNKNOWN, VIOLATED, Event, Journal, Verdict, Witness, short

_NOTHING = object()


def convergence(subject: Any) -> Verdict:
    """Judge whether all replicas that are up hold the same data now.

    Parameters
    ----------
    subject : mapping, cluster, run or Journal
        ``{"n1": {"x": 1}, "n2": {"x": 2}}``: what each replica holds. Or a cluster, or a run: what its nodes show
        (`Node.values`) is compared, and its journal tells since when. Or a journal alone: then only nodes that
        ever changed their data are known.

    Returns
    -------
    Verdict
        ``unknown`` if fewer than two replicas are up: nothing to compare.

    Notes
    -----
    Eventual consistency promises equal data only once writing has stopped and messages have arrived: heal the
    network and run until it is quiet before you ask. That the data are equal says nothing about their being
    right: replicas that have all lost a write agree.

    Examples
    --------
    >>> print(convergence({"n1": {"x": 1}, "n2": {"x": 1}, "n3": {"x": 2}}))
    violated: n1 and n2 say x = 1, n3 says x = 2
    """
    names, held, journal = _parts(subject)
    down = _down(subject, names, journal)
    asked = {name: held.get(name, {}) for name in names if name not in down}
    absent = f"; {_and(sorted(down))} {_is(down)} not up and not asked" if down else ""
    if len(asked) < 2:
        only = f"only {_and(list(asked))} is up" if asked else "no replica is up"
        return Verdict(UNKNOWN, f"{only}: nothing to compare{absent}", "convergence")
    steps = divergence(journal, names)
    keys = _differing(asked.values())
    if not keys:
        return Verdict(OK, f"{_and(list(asked))} hold the same data{_when(steps)}{absent}", "convergence")
    more = f" ({plural(len(keys), 'key')} differ in all)" if len(keys) > 1 else ""
    equal = max((i for i, (_, apart) in enumerate(steps[:-1]) if apart == 0), default=0)
    since = f", apart since {steps[equal + 1][0]:g} ms" if len(steps) > 1 else ""
    return Verdict(VIOLATED, f"{_say(asked, keys[0])}{more}{since}{absent}", "convergence", _witness(journal, asked))


def divergence(journal: Journal | None, names: Sequence[str] | None = None) -> list[tuple[float, int]]:
    """How far apart the replicas were over time.

    Parameters
    ----------
    journal : Journal or None
    names : sequence of str, optional
        The replicas; by default every node whose data ever changed.

    Returns
    -------
    list of (float, int)
        ``(ms, keys)``: from this moment on, the replicas that were up disagreed about this many keys. It begins
        with ``(0.0, 0)``, all being empty. Nodes that are crashed or paused do not count until they are back.

    Examples
    --------
    >>> journal = Journal([(5000, "values", "n1", None, {"values": {"x": 1}}),
    ...                    (9000, "values", "n2", None, {"values": {"x": 1}})])
    >>> divergence(journal)
    [(0.0, 0), (5.0, 1), (9.0, 0)]
    """
    events = _changes(journal)
    known = names if names is not None else list(dict.fromkeys(e.node for e in events if e.kind == "values"))
    held: dict[str, Mapping] = {name: {} for name in known}
    down: set[str] = set()
    steps = [(0.0, 0)]
    for event in events:
        if event.node in held:
            _follow(event, held, down)
            apart = len(_differing([values for name, values in held.items() if name not in down]))
            if steps[-1][0] == event.time:
                steps.pop()
            if not steps or steps[-1][1] != apart:
                steps.append((event.time, apart))
    return steps


def _changes(journal: Journal | None) -> list[Event]:
    return [] if journal is None else journal.of("values", "crash", "restart", "pause", "resume")


def _follow(event: Event, held: dict[str, Mapping], down: set[str]) -> None:
    if event.kind == "values":
        held[event.node] = event.detail["values"]
    elif event.kind in ("crash", "pause"):
        down.add(event.node)
    else:
        down.discard(event.node)


def _parts(subject: Any) -> tuple[list[str], dict[str, Mapping], Journal | None]:
    """The replicas' names, what each holds at the end, and the journal if there is one."""
    if isinstance(subject, Mapping) and all(isinstance(values, Mapping) for values in subject.values()):
        return list(subject), dict(subject), None
    if isinstance(subject, Journal):
        held = {e.node: e.detail["values"] for e in subject.of("values")}
        return list(held), held, subject
    cluster = getattr(subject, "cluster", subject)
    if not all(hasattr(cluster, name) for name in ("names", "values", "state")):
        raise TypeError(f"convergence needs a cluster, a run, a journal, or what each replica holds, as "
                        f"{{'n1': {{'x': 1}}, ...}}; got {type(subject).__name__}")
    return list(cluster.names), {name: cluster.values(name) for name in cluster.names}, cluster.journal


def _down(subject: Any, names: Sequence[str], journal: Journal | None) -> set[str]:
    if journal:
        down: set[str] = set()
        for event in _changes(journal):
            _follow(event, {}, down)
        return down
    cluster = getattr(subject, "cluster", subject)
    return {name for name in names if hasattr(cluster, "state") and cluster.state(name) != "up"}


def _differing(held: Any) -> list:
    """The keys about which not all say the same, in the order in which they are first met."""
    held = list(held)
    keys = dict.fromkeys(key for values in held for key in values)
    return [key for key in keys if any(values.get(key, _NOTHING) != held[0].get(key, _NOTHING) for values in held)]


def _say(asked: Mapping[str, Mapping], key: Any) -> str:
    """Who says what about a key: those that agree in one breath."""
    camps: list[tuple[Any, list[str]]] = []
    for name, values in asked.items():
        value = values.get(key, _NOTHING)
        for other, camp in camps:
            if other == value:
                camp.append(name)
                break
        else:
            camps.append((value, [name]))
    said = []
    for value, camp in camps:
        one = len(camp) == 1
        what = f"{'has' if one else 'have'} no {key}"
        if value is not _NOTHING:
            what = f"{'says' if one else 'say'} {key} = {short(repr(value), 60)}"
        said.append(f"{_and(camp)} {what}")
    return ", ".join(said)


def _when(steps: list[tuple[float, int]]) -> str:
    if len(steps) < 2:
        return ""
    spans = [(after - time, keys) for (time, keys), (after, _) in zip(steps, steps[1:], strict=False)]
    apart = round(sum(span for span, keys in spans if keys), 3)
    return (f" since {steps[-1][0]:g} ms; until then they were apart for {apart:g} ms in all, "
            f"by {plural(max(keys for _, keys in steps), 'key')} at most")


def _witness(journal: Journal | None, asked: Mapping[str, Mapping]) -> Witness | None:
    if not journal:
        return None
    last = {e.node: e.index for e in journal.of("values") if e.node in asked}
    return Witness(events=tuple(sorted(last.values())))


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _is(names: Any) -> str:
    return "is" if len(names) == 1 else "are"
