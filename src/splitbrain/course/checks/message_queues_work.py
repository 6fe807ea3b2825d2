"""Lab 10, the worker and what it does with a message that fails: killed at every command, beside others that live."""

from __future__ import annotations

import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from splitbrain.course.checks.mortal import Ended, mortal_client, run
from splitbrain.course.feedback import Wrong, exercise
from splitbrain.messaging.inbox import Inbox
from splitbrain.messaging.server import start_server

IDLE = 60_000  # ms
TRIES = 3
_LONG_AGO = 10 * IDLE


class _Bench:
    """A server with the stream ``jobs``, a database of effects, and the names of what was put."""

    def __init__(self, server, folder: Path):
        self.server, self.path, self.client = server, folder / "effects.db", server.client()

    def fresh(self, count: int) -> None:
        self.client.flushall()
        self.path.unlink(missing_ok=True)
        with closing(_database(self.path)) as db:
            db.execute("CREATE TABLE effect (message TEXT)")
            Inbox(db)
        self.client.xgroup_create("jobs", "workers", id="0", mkstream=True)
        self.names = [f"m{number}" for number in range(count)]
        for number, name in enumerate(self.names):
            self.client.xadd("jobs", {"id": name, "amount": number})

    def held(self, consumer: str, count: int, idle: int) -> list[str]:
        """Another consumer takes so many, and says nothing for so many milliseconds."""
        answer = self.client.xreadgroup("workers", consumer, {"jobs": ">"}, count=count)
        entries = [entry for entry, _ in answer[0][1]]
        self.age(entries, consumer, idle)
        return entries

    def age(self, entries: list[str], consumer: str, idle: int) -> None:
        if entries:
            self.client.execute_command("XCLAIM", "jobs", "workers", consumer, 0, *entries, "IDLE", idle, "JUSTID")

    def pending(self) -> dict[str, str]:
        return {p["message_id"]: p["consumer"] for p in self.client.xpending_range("jobs", "workers", "-", "+", 10_000)}

    def all_grow_old(self) -> None:
        for entry, consumer in self.pending().items():
            self.age([entry], consumer, _LONG_AGO)

    def effects(self) -> Counter:
        with closing(_database(self.path)) as db:
            return Counter(name for name, in db.execute("SELECT message FROM effect"))

    def run(self, work: Callable, name: str, *, doing: str, deadly: int | None = None) -> Ended:
        return run(_work, doing=doing, deadly=deadly, url=self.server.url, path=self.path, answer=work, consumer=name)


def _database(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, timeout=20)
    db.execute("PRAGMA synchronous = OFF")
    return db


def _work(process) -> None:
    """In the process of a worker."""
    inbox = Inbox(_database(process.path))

    def once(message: str, amount: Any) -> bool:
        process.failpoint(f"before once({message!r}, ...)")
        new = inbox.once(message, lambda db: db.execute("INSERT INTO effect VALUES (?)", (message,)))
        process.failpoint(f"after once({message!r}, ...)")
        return new

    process.answer(mortal_client(process.url, process.failpoint), once, process.consumer)


@contextmanager
def _bench() -> Iterator[_Bench]:
    with start_server(transport="unix") as server, tempfile.TemporaryDirectory(prefix="splitbrain-check-") as folder:
        yield _Bench(server, Path(folder))


@exercise("10_message_queues", "work", title="A worker that may be killed", lines=14, seconds=60, hints=(
    "Two questions for each message: what happens if I die right before this line, and who will then do the message? "
    "And two sources of messages: those that wait (>), and those that a dead worker still holds.",
    "First claim (xautoclaim with min_idle_time=IDLE), then read new ones; do each, acknowledge each after it is done. "
    "Go on until neither brings anything. One xautoclaim brings at most `count`: go on until it brings none.",
    "while True: entries = client.xautoclaim('jobs', 'workers', name, IDLE, count=10)[1]; if there are none, read with "
    "xreadgroup(..., {'jobs': '>'}, count=10); if there are none again, return. For each (entry, fields): once, then "
    "xack."))
def check_work(work: Callable, *, kill: int | None = None) -> str:
    """`kill` looks at one death only: at the point of this number."""
    with _bench() as bench:
        if kill is None:
            _works(bench, work)
            _takes_over(bench, work)
            _leaves_the_living_alone(bench, work)
        bench.fresh(4)
        points = bench.run(work, "w1", doing="with four messages in the stream").points
        for number in range(len(points)) if kill is None else [kill]:
            _survives(bench, work, number, points)
    return f"killed at each of its {len(points)} moments, and followed by another worker, it left nothing undone."


def _nothing_is_left(bench: _Bench, when: str, **rest: Any) -> None:
    done, pending = bench.effects(), bench.pending()
    missing = [name for name in bench.names if not done[name]]
    if missing:
        where = "" if pending else " They are not pending, either: for the stream they are done."
        raise Wrong(f"{when} {_some(missing)} had no effect.{where} What may be acknowledged, and when?",
                    expected=f"{len(bench.names)} effects", got=f"{len(done)} effects, {len(pending)} pending", **rest)
    if pending:
        raise Wrong(f"{when} all messages had their effect, and {len(pending)} of them were not acknowledged: they "
                    "will be given out again and again.",
                    expected="nothing pending", got=f"{len(pending)} pending", **rest)


def _some(names: list[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _works(bench: _Bench, work: Callable) -> None:
    for count in (0, 5, 250):
        bench.fresh(count)
        bench.run(work, "w1", doing=f"with {count} messages in the stream")
        _nothing_is_left(bench, f"{count} messages waited, nobody died, and the worker returned:")


def _takes_over(bench: _Bench, work: Callable) -> None:
    for count, held in ((5, 2), (130, 120)):
        bench.fresh(count)
        bench.held("dead", held, _LONG_AGO)
        bench.run(work, "w1", doing=f"with {held} messages that a dead worker holds")
        _nothing_is_left(bench, f"A worker took {held} of {count} messages and died long ago. Another one has run:")


def _leaves_the_living_alone(bench: _Bench, work: Callable) -> None:
    bench.fresh(5)
    entries = bench.held("alive", 2, IDLE // 2)
    bench.run(work, "w1", doing=f"with two messages that another worker took {IDLE // 2000} seconds ago")
    pending = bench.pending()
    if any(pending.get(entry) != "alive" for entry in entries):
        raise Wrong(f"Another worker took two messages {IDLE // 2000} seconds ago and is busy with them. Yours took "
                    "them away from it: both do the work, and whoever is slow never gets anything done.",
                    expected=f"only what is older than IDLE, {IDLE} ms, is claimed", got="both messages claimed"
                    if not any(pending.get(entry) == "alive" for entry in entries) else "one of them claimed")


def _survives(bench: _Bench, work: Callable, number: int, points: tuple[str, ...]) -> None:
    bench.fresh(4)
    bench.run(work, "w1", doing="with four messages in the stream", deadly=number)
    bench.all_grow_old()
    where = points[number] if number < len(points) else "its end"
    bench.run(work, "w2", doing=f"after another one was killed {where}")
    _nothing_is_left(bench, f"The worker was killed {_at(where)} (its moment {number}). Later another one has run:",
                     replay=f"message_queues.check_work(work, kill={number})")


def _at(point: str) -> str:
    return point if point.startswith(("before", "after")) else f"right before {point}"


@exercise("10_message_queues", "failed", title="Again, or a dead letter", lines=6, seconds=60, hints=(
    "A message that is neither acknowledged nor done stays pending: that is a retry already. What is left to be done "
    "for the one that has been tried often enough?",
    "From the third delivery on: first write it into the stream dead, with its fields and the reason, then acknowledge "
    "it. In this order a death in between leaves it in both places; in the other order, in none.",
    "if deliveries >= 3: client.xadd('dead', {**fields, 'why': why}) and then client.xack('jobs', 'workers', entry)."))
def check_failed(failed: Callable, *, kill: int | None = None) -> str:
    """`kill` looks at one death only: at the point of this number."""
    with _bench() as bench:
        if kill is None:
            for deliveries in range(1, TRIES):
                _is_tried_again(bench, failed, deliveries)
        for deliveries in (TRIES, TRIES + 2):
            points = _is_buried(bench, failed, deliveries)
        for number in range(len(points)) if kill is None else [kill]:
            _is_somewhere(bench, failed, number, points)
    return (f"tried again until delivery {TRIES}, then a dead letter with its reason; killed at each of its "
            f"{len(points)} moments, it lost none.")


WHY = "there is no account m0"


def _fail(bench: _Bench, failed: Callable, deliveries: int, deadly: int | None = None) -> Ended:
    bench.fresh(1)
    [entry] = bench.held("w1", 1, 0)
    return run(_failed, doing=f"when delivery {deliveries} has failed", deadly=deadly, url=bench.server.url,
               answer=failed, delivery=(entry, {"id": "m0", "amount": "0"}, deliveries, WHY))


def _failed(process) -> None:
    """In the process of a worker."""
    process.answer(mortal_client(process.url, process.failpoint), *process.delivery)


def _letters(bench: _Bench) -> list[dict]:
    return [fields for _, fields in bench.client.xrange("dead")]


def _is_tried_again(bench: _Bench, failed: Callable, deliveries: int) -> None:
    _fail(bench, failed, deliveries)
    letters = _letters(bench)
    if letters:
        raise Wrong(f"Delivery {deliveries} of {TRIES} has failed, and the message is a dead letter already. The fault "
                    "may pass: a database that restarts, a network that is cut.",
                    expected="no dead letter yet", got=letters)
    if not bench.pending() or bench.client.xlen("jobs") != 1:
        raise Wrong(f"Delivery {deliveries} of {TRIES} has failed. The message has to stay pending, so that it is "
                    "given out again and its deliveries go on being counted.", expected="1 pending, 1 in the stream",
                    got=f"{len(bench.pending())} pending, {bench.client.xlen('jobs')} in the stream")


def _is_buried(bench: _Bench, failed: Callable, deliveries: int) -> tuple[str, ...]:
    points = _fail(bench, failed, deliveries).points
    letters, pending = _letters(bench), bench.pending()
    if not letters:
        rest = "It is acknowledged, too: it is nowhere." if not pending else "It will be tried for ever."
        raise Wrong(f"Delivery {deliveries} has failed, and {TRIES} are enough; there is no dead letter. {rest}",
                    expected="one entry in the stream dead", got="none")
    if len(letters) > 1:
        raise Wrong("One message has become several dead letters.", expected="one", got=letters)
    if WHY not in letters[0].values():
        raise Wrong("The dead letter does not say why. Whoever finds it next week has to decide whether to replay it.",
                    expected=f"a field with {WHY!r}", got=letters[0])
    if letters[0].get("id") != "m0" or letters[0].get("amount") != "0":
        raise Wrong("The dead letter does not hold the message's own fields, so nobody can replay it.",
                    expected={"id": "m0", "amount": "0", "why": WHY}, got=letters[0])
    if pending:
        raise Wrong("The message is a dead letter, and it is still pending: it will be given out again, and become a "
                    "dead letter again, for ever.", expected="nothing pending", got="1 pending")
    return points


def _is_somewhere(bench: _Bench, failed: Callable, number: int, points: tuple[str, ...]) -> None:
    _fail(bench, failed, TRIES, deadly=number)
    if not _letters(bench) and not bench.pending():
        raise Wrong(f"The worker was killed {_at(points[number])} (its moment {number}), and the message is nowhere: "
                    "acknowledged, and no dead letter. Which of the two has to come first?",
                    expected="pending, or a dead letter, or both", got="neither",
                    replay=f"message_queues.check_failed(failed, kill={number})")
