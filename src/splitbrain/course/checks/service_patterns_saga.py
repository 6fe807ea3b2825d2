"""Checks a saga as a process of its own that is killed with SIGKILL at every boundary, and then run again."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path

from splitbrain.course.checks import mortal
from splitbrain.course.checks.service_patterns_plan import ORDER
from splitbrain.course.feedback import Wrong, exercise

# Which command is refused, and how often: a service that refuses today may take it tomorrow.
REFUSALS = {"nobody refuses": {}, "charge is refused once": {"charge": 1}, "ship is refused once": {"ship": 1},
            "book is refused twice": {"book": 2}}
_MOST = 300  # boundaries: more of them are an endless loop


class Services:
    """Who carries out commands: each key once. What was refused leaves nothing and may be asked for again.

    What they were asked is in a file, for who asks is killed: lines of ``[verb, name, key, answer]``.
    """

    def __init__(self, path: Path, refuses: dict[str, int]):
        self.path, self.refuses = path, refuses

    def asked(self) -> list[list[str]]:
        """All that they were asked, in order."""
        return [json.loads(line) for line in self.path.read_text().splitlines()] if self.path.exists() else []

    def call(self, verb: str, name: str, key: str) -> str:
        """Carry a command out, unless its key was; ``"done"`` or ``"refused"``."""
        asked = self.asked()
        done = any(before == [verb, name, key, "done"] for before in asked)
        refused = sum(before[1] == name and before[3] == "refused" for before in asked)
        answer = "again" if done else "refused" if verb == "do" and refused < self.refuses.get(name, 0) else "done"
        with self.path.open("a") as file:
            file.write(json.dumps([verb, name, key, answer]) + "\n")
        return "refused" if answer == "refused" else "done"

    @property
    def did(self) -> list[list[str]]:
        """What they did: verb, name and key of each effect."""
        return [told[:3] for told in self.asked() if told[3] == "done"]

    @property
    def effects(self) -> list[tuple[str, str]]:
        return [(verb, name) for verb, name, _ in self.did]

    def keys_are_one_thing_each(self) -> None:
        """Or `Wrong` is raised."""
        known: dict[str, list[str]] = {}
        for verb, name, key in self.did:
            if known.setdefault(key, [verb, name]) != [verb, name]:
                raise Wrong(f"One key, {key!r}, stands for two things. The service that has seen it believes that it "
                            "has done the second one too.", expected="a key for each saga, verb and step",
                            got=f"{tuple(known[key])} and {(verb, name)}")


def _run(run_saga: Callable, path: Path, saga: str, services: Services,
         dies_at: int | None = None) -> tuple[str | None, tuple[str, ...]]:
    """What the saga returned, or None if it was killed at boundary `dies_at`; and the boundaries that it passed."""
    ended = mortal.run(_saga, doing=f"in the saga {saga!r}", deadly=_MOST if dies_at is None else dies_at,
                       run_saga=run_saga, path=path, saga=saga, services=services, steps=ORDER)
    services.keys_are_one_thing_each()
    if ended.killed and dies_at is None:
        raise Wrong(f"Your saga does not end: after {_MOST} statements and calls it still goes on. The last of them: "
                    f"{ended.points[-1]}.", expected="an end", got="an endless loop")
    if ended.killed:
        return None, ended.points
    returned, left_open = ended.answer
    if left_open:
        raise Wrong("Your function returns with a transaction open on `db`: what it wrote is not committed.",
                    expected="no open transaction", got="an open one")
    return returned, ended.points[:-1]


def _saga(process) -> list:
    """In the process of a saga."""
    def call(verb, name, key):
        verb, name, key = str(verb), str(name), str(key)
        process.failpoint(f"before {(verb, name)} reached its service")
        answer = process.services.call(verb, name, key)
        process.failpoint(f"after {(verb, name)} was carried out, before you were told")
        return answer

    db = sqlite3.connect(process.path, isolation_level=None)
    db.execute("PRAGMA synchronous = OFF")
    db.set_trace_callback(lambda sql: process.failpoint(f"before `{' '.join(sql.split())[:70]}`"))
    returned = process.run_saga(db, process.saga, [tuple(step) for step in process.steps], call)
    db.set_trace_callback(None)
    return [returned if isinstance(returned, str) else repr(returned), db.in_transaction]


@exercise("11_service_patterns", "saga", title="A saga that survives SIGKILL", lines=16, seconds=120, hints=(
    "After a kill nothing is left but what was committed in db, and what the services did. Called again, how does the "
    "function know where it stands? And what may it do again, although it may have been done?",
    "Keep the log of exercise 2 in a table, a row an answer, committed before the next call. Loop: read the log, work "
    "out what comes next, call, write the answer down. The key has to be the same after a restart: make it of its "
    "purpose.",
    "CREATE TABLE IF NOT EXISTS log (saga, verb, name, outcome). In a loop: read this saga's rows in their order; ask "
    "next_action; return if it is a string; outcome = call(verb, name, f'{saga}/{verb}/{name}'); insert the row."))
def check_saga(run_saga: Callable) -> str:
    kills = 0
    with tempfile.TemporaryDirectory(prefix="splitbrain-check-") as folder:
        for case, refuses in REFUSALS.items():
            path = Path(folder, f"{case}.db")
            services = Services(path.with_suffix(".asked"), refuses)
            passed = _whole(run_saga, path, case, services)
            _again(run_saga, path, case, services)
            for boundary in range(len(passed)):
                _killed(run_saga, Path(folder, f"{case} {boundary}.db"), case, refuses, boundary)
                kills += 1
    return (f"killed with SIGKILL at {kills} boundaries and run again, it was each time wholly done or wholly made "
            "good, each effect once.")


def _whole(run_saga: Callable, path: Path, case: str, services: Services) -> tuple[str, ...]:
    back = any(name in services.refuses for name, kind in ORDER if kind != "retriable")
    returned, passed = _run(run_saga, path, "o1", services)
    right = "compensated" if back else "completed"
    story = f"Nobody is killed, and {case}."
    _judge(returned, services, story)
    if returned != right:
        raise Wrong(f"{story} The saga ends with the wrong word.", expected=repr(right), got=repr(returned))
    return passed


def _again(run_saga: Callable, path: Path, case: str, services: Services) -> None:
    """The same database: the saga that has ended is run again, and then another one."""
    before = services.effects
    _run(run_saga, path, "o1", services)
    if services.effects != before:
        raise Wrong(f"The saga had ended ({case}). Run again, in case its end was not noticed, it went on.",
                    expected="nothing is done any more", got=services.effects[len(before):])
    others = {saga: Services(path.with_suffix(f".{saga}"), {}) for saga in ("o2", "o3", "o4")}
    returned, _ = _run(run_saga, path, "o2", others["o2"])
    _judge(returned, others["o2"], "A second saga, \"o2\", runs in a database that knows of \"o1\".")
    if all("o2" in key for *_, key in others["o2"].did):
        return
    keys = [{key for *_, key in others[saga].did} for saga in ("o3", "o4") if _run(run_saga, path, saga, others[saga])]
    if keys[0] & keys[1]:
        raise Wrong("Two sagas use the same keys. The services carry out each key once, so the second order is never "
                    "charged.", expected="a key that says which saga it is for", got=min(keys[0]))


def _killed(run_saga: Callable, path: Path, case: str, refuses: dict, boundary: int) -> None:
    services = Services(path.with_suffix(".asked"), refuses)
    _, passed = _run(run_saga, path, "o1", services, dies_at=boundary)
    returned, _ = _run(run_saga, path, "o1", services)
    _judge(returned, services, f"{case.capitalize()}. Killed {passed[-1]}, and run again.")


def _judge(returned: str, services: Services, story: str) -> None:
    """Whether all that the services did is one saga, wholly done or wholly made good."""
    effects = services.effects
    shown = " ".join(name if verb == "do" else f"undo-{name}" for verb, name in effects) or "nothing"
    for effect in dict.fromkeys(effects):
        if effects.count(effect) > 1:
            raise Wrong(f"{story} {effect} was carried out twice, under two keys. A key has to be the same after a "
                        "restart.", expected="each effect once", got=shown)
    done = [name for verb, name in effects if verb == "do"]
    undone = [name for verb, name in effects if verb == "undo"]
    if extra := [name for name in undone if name not in done]:
        raise Wrong(f"{story} {extra[0]!r} was compensated, although it was never done.",
                    expected="what was done is undone, nothing else", got=shown)
    if "ship" in undone or (undone and "ship" in done):
        raise Wrong(f"{story} The parcel has left, and yet the saga went back. After the pivot it only goes forward, "
                    "however often it has to ask.", expected="forward after ship", got=shown)
    if undone and undone != done[::-1]:
        why = "not all that was done was made good" if len(undone) < len(done) else "not in reverse order"
        raise Wrong(f"{story} It went back, but {why}.", expected=" ".join(f"undo-{name}" for name in done[::-1]),
                    got=shown)
    names = [name for name, _ in ORDER]
    whole = "compensated" if undone or not done else "completed" if done == names else None
    if whole is None:
        missing = next(name for name in names if name not in done)
        raise Wrong(f"{story} It ends half done: {missing!r} was never carried out, and nothing was made good.",
                    expected=" ".join(names), got=shown)
    if returned not in ("completed", "compensated") or returned != whole:
        raise Wrong(f"{story} It says {returned!r}, and the services say {whole!r}.", expected=repr(whole),
                    got=repr(returned))
