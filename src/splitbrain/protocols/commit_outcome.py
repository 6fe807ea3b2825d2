"""What became of transactions, seen from the databases of the participants, after a run."""

from __future__ import annotations

from typing import Any

from splitbrain.protocols.resource_manager import ABORTED, COMMITTED, PREPARED
from splitbrain.records import Verdict


def what_became(run: Any) -> str | Verdict:
    """In a word what became of a run's transactions: the judge of a sweep.

    ``committed`` or ``rolled back``: all of them, everywhere (``settled``: some this, some that). ``in doubt``: a
    participant that is up waits for a coordinator that it cannot reach. A `Verdict`, violated: one transaction has two
    ends, or a participant waits although it could ask.

    Parameters
    ----------
    run : Run
        Of participants and a coordinator, with requests of `Coordinator.transact`. Nodes that are down at the end say
        nothing: what they hold, a restart would show.
    """
    cluster = run.cluster
    up = [name for name in cluster.names if cluster.state(name) == "up"]
    shown = {name: cluster.values(name) for name in up}
    wrote = {o.key: {name for name, work in (o.value or {}).items() if any(verb == "add" for verb, *_ in work)}
             for o in run.history if o.f == "transact"}
    ends: set[str] = set()
    for txn in sorted({key for held in shown.values() for key, state in held.items() if isinstance(state, str)}):
        part = wrote.get(txn.partition("/")[0], set())
        states = {name: held.get(txn, "unknown") for name, held in shown.items() if name in part}
        told = ", ".join(f"{name} {state}" for name, state in states.items())
        found = {state.removeprefix("heuristically ") for state in states.values()}
        if COMMITTED in found and found & {ABORTED, "unknown"}:
            return Verdict("violated", f"{txn}: {told}", "what-became")
        ends |= found - {"unknown"}
        if PREPARED in found and (who := _could_ask(cluster, txn, states)):
            return Verdict("violated", f"{txn}: {told}, and nothing keeps {who} from asking", "what-became")
    if PREPARED in ends:
        return "in doubt"
    words = {COMMITTED: "committed", ABORTED: "rolled back"}
    return words[ends.pop()] if len(ends) == 1 else "settled" if ends else "rolled back"


def _could_ask(cluster: Any, txn: str, states: dict[str, str]) -> str:
    """Somebody who waits and could ask one who is not waiting itself; "" if there is nobody."""
    waiting = [name for name, state in states.items() if state == PREPARED]
    return next((name for name in waiting for asked in cluster[name].manager.whom_to_ask(txn).split()
                 if cluster.state(asked) == "up" and cluster.values(asked).get(txn) != PREPARED
                 and not cluster.is_cut(name, asked) and not cluster.is_cut(asked, name)), "")
