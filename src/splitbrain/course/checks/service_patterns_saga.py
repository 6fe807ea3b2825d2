"""Checks a saga as a process of its own that is killed with SIGKILL at every boundary, and then run again."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from splitbrain.course.checks.service_patterns_plan import ORDER
from splitbrain.course.feedback import NotAttempted, Raised, Undecided, Wrong, exercise

CHILD = Path(__file__).with_name("service_patterns_child.py")
# Which command is refused, and how often: a service that refuses today may take it tomorrow.
REFUSALS = {"nobody refuses": {}, "charge is refused once": {"charge": 1}, "ship is refused once": {"ship": 1},
            "book is refused twice": {"book": 2}}
_MOST, _PATIENCE = 300, 8.0


class Services:
    """Who carries out commands: each key once. What was refused leaves nothing and may be asked for again."""

    def __init__(self, refuses: dict[str, int]):
        self.refuses, self.known, self.did = dict(refuses), {}, []

    def call(self, verb: str, name: str, key: str) -> str:
        """Carry a command out, unless its key was; ``"done"`` or ``"refused"``."""
        what = (verb, name)
        if self.known.setdefault(key, what) != what:
            raise Wrong(f"One key, {key!r}, stands for two things. The service that has seen it believes that it has "
                        "done the second one too.", expected="a key for each saga, verb and step",
                        got=f"{self.known[key]} and {what}")
        if (verb, name, key) in self.did:
            return "done"
        if verb == "do" and self.refuses.get(name, 0):
            self.refuses[name] -= 1
            del self.known[key]
            return "refused"
        self.did.append((verb, name, key))
        return "done"

    @property
    def effects(self) -> list[tuple[str, str]]:
        return [(verb, name) for verb, name, _ in self.did]


class Forks:
    """The learner's function in a process that forks for every run; ended with the block."""

    def __init__(self, answer: Callable):
        import cloudpickle

        try:
            pickled = cloudpickle.dumps(answer)
        except Exception as error:
            raise Wrong(f"Your function cannot be moved into another process: {error}. Does it use a connection or a "
                        "file that stands outside of it?", expected="a function that works on what it is given",
                        got=type(error).__name__) from None
        self._process = subprocess.Popen([sys.executable, "-P", str(CHILD)], bufsize=0,
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=subprocess.DEVNULL, start_new_session=True)
        self._buffer = b""
        self._write(sys.path)           # modules of the learner's own are found there, too
        self._process.stdin.write(b"%d\n" % len(pickled) + pickled)

    def __enter__(self) -> Forks:
        return self

    def __exit__(self, *_) -> None:
        # The session's group is this process and its fork, and nothing else.
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

    def run(self, path: Path, saga: str, services: Services, *, dies_at: int | None = None) -> tuple[Any, list[str]]:
        """What the saga returned, or None if it was killed at boundary `dies_at`; and the boundaries that it passed."""
        self._write({"path": str(path), "saga": saga, "steps": ORDER})
        pid, passed = self._read()["pid"], []
        while True:
            told = self._read(passed)
            if "returned" in told or "raised" in told:
                self._read()            # gone
                return _ended(told, passed), passed
            if "gone" in told:
                raise Wrong("Your code ended its process.", expected="a return", got="the process is gone")
            boundaries = [f"before `{told['statement']}`"] if "statement" in told else [
                f"before {tuple(told['call'][:2])} reached its service", f"after {tuple(told['call'][:2])} was carried "
                "out, before you were told"]
            answer = True
            for n, boundary in enumerate(boundaries):
                passed.append(boundary)
                if n or "statement" in told:
                    answer = services.call(*told["call"]) if "call" in told else True
                if len(passed) - 1 == dies_at:
                    os.kill(pid, signal.SIGKILL)
                    while "gone" not in self._read():
                        pass
                    return None, passed
            if len(passed) > _MOST:
                raise Wrong(f"Your saga does not end: after {_MOST} statements and calls it still goes on. The last of "
                            f"them: {passed[-1]}.", expected="an end", got="an endless loop")
            self._write(answer)

    def _write(self, what: Any) -> None:
        self._process.stdin.write(json.dumps(what).encode() + b"\n")

    def _read(self, passed: list[str] | None = None) -> dict:
        while b"\n" not in self._buffer:
            if not select.select([self._process.stdout], [], [], _PATIENCE)[0]:
                raise Wrong(f"Your code does not end: for {_PATIENCE:g} seconds it has neither sent a statement nor "
                            f"made a call, after {(passed or ['its beginning'])[-1]}. It was stopped.",
                            expected="an end", got="an endless loop")
            found = os.read(self._process.stdout.fileno(), 65_536)
            if not found:
                raise Undecided("The process that runs your saga is gone, which says nothing about your answer. Run "
                                "the check again.")
            self._buffer += found
        line, _, self._buffer = self._buffer.partition(b"\n")
        return json.loads(line)


def _ended(told: dict, passed: list[str]) -> str:
    if told.get("raised") == "NotImplementedError":
        raise NotAttempted()
    if "raised" in told:
        after = f" after {passed[-1]}" if passed else ""
        raise Raised(f"Your code raised {told['raised']}{after}: {told['text']}", places=tuple(told["lines"]))
    if told["open"]:
        raise Wrong("Your function returns with a transaction open on `db`: what it wrote is not committed.",
                    expected="no open transaction", got="an open one")
    return told["returned"]


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
    with Forks(run_saga) as forks, tempfile.TemporaryDirectory(prefix="splitbrain-check-") as folder:
        for case, refuses in REFUSALS.items():
            path = Path(folder, f"{case}.db")
            services = Services(refuses)
            passed = _whole(forks, path, case, services)
            _again(forks, path, case, services)
            for boundary in range(len(passed)):
                _killed(forks, Path(folder, f"{case} {boundary}.db"), case, refuses, boundary)
                kills += 1
    return (f"killed with SIGKILL at {kills} boundaries and run again, it was each time wholly done or wholly made "
            "good, each effect once.")


def _whole(forks: Forks, path: Path, case: str, services: Services) -> list[str]:
    back = any(name in services.refuses for name, kind in ORDER if kind != "retriable")
    returned, passed = forks.run(path, "o1", services)
    right = "compensated" if back else "completed"
    story = f"Nobody is killed, and {case}."
    _judge(returned, services, story)
    if returned != right:
        raise Wrong(f"{story} The saga ends with the wrong word.", expected=repr(right), got=repr(returned))
    return passed


def _again(forks: Forks, path: Path, case: str, services: Services) -> None:
    """The same database: the saga that has ended is run again, and then another one."""
    before = services.effects
    forks.run(path, "o1", services)
    if services.effects != before:
        raise Wrong(f"The saga had ended ({case}). Run again, in case its end was not noticed, it went on.",
                    expected="nothing is done any more", got=services.effects[len(before):])
    services = Services({})
    returned, _ = forks.run(path, "o2", services)
    _judge(returned, services, "A second saga, \"o2\", runs in a database that knows of \"o1\".")
    if any(key in services.known and "o2" not in key for key in services.known):
        _other_keys(forks, path)


def _other_keys(forks: Forks, path: Path) -> None:
    """The keys of o2 do not name it: do those of o3 differ?"""
    services = Services({})
    forks.run(path, "o3", services)
    first = {key for *_, key in services.did}
    services = Services({})
    forks.run(path, "o4", services)
    if first & {key for *_, key in services.did}:
        raise Wrong("Two sagas use the same keys. The services carry out each key once, so the second order is never "
                    "charged.", expected="a key that says which saga it is for", got=sorted(first)[0])


def _killed(forks: Forks, path: Path, case: str, refuses: dict, boundary: int) -> None:
    services = Services(refuses)
    _, passed = forks.run(path, "o1", services, dies_at=boundary)
    returned, _ = forks.run(path, "o1", services)
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
