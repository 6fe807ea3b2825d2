"""Sagas: a business process over several databases, as a sequence of transactions that can be undone one by one.

There is no lock and no coordinator's vote. Each step commits in its own service and is seen by everybody at once. When
one is refused, what was done before is *compensated*, in reverse order: not rolled back, but made good by another
transaction (H. Garcia-Molina, K. Salem, "Sagas", SIGMOD 1987).

Guaranteed: killed at any moment and restarted, a saga ends with every step done, or with every step that was done
compensated. Not guaranteed: isolation. Others see a saga half done, and may act on it before it is undone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from splitbrain.messaging.envelope import Envelope
from splitbrain.messaging.service import Service

COMPLETED, COMPENSATED, RUNNING = "completed", "compensated", "running"
COMPENSATABLE, PIVOT, RETRIABLE = "compensatable", "pivot", "retriable"
DONE, REFUSED, UNDONE = "done", "refused", "undone"


@dataclass(frozen=True, slots=True)
class Step:
    """One transaction of a saga, in one service.

    Attributes
    ----------
    service : str
        The queue of who carries it out.
    do : str
        The command.
    undo : str
        The command that makes it good; "" where nothing can.
    retriable : bool
        It will be done in the end, however often it has to be asked for: a refusal is no reason to go back.
    """

    service: str
    do: str
    undo: str = ""
    retriable: bool = False

    @property
    def kind(self) -> str:
        """Richardson's three: compensatable, then at most one pivot, then retriable."""
        return RETRIABLE if self.retriable else COMPENSATABLE if self.undo else PIVOT


@dataclass(frozen=True, slots=True)
class Action:
    """What a saga does next: ``verb`` is ``"do"`` or ``"undo"``; ``attempt`` counts from 1."""

    verb: str
    step: Step
    attempt: int = 1

    @property
    def command(self) -> str:
        return self.step.do if self.verb == "do" else self.step.undo


def check_order(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps, if a saga of them can always end.

    The pivot is the point of no return: what it does cannot be undone, so nothing that may be refused comes after it.

    Raises
    ------
    ValueError
        A step that can be refused stands after one that cannot be undone, or two steps have one name.

    Examples
    --------
    >>> check_order([Step("stock", "ship"), Step("payment", "charge", "refund")])
    Traceback (most recent call last):
    ValueError: 'charge' may be refused after 'ship', which cannot be undone: put it before, or make it retriable
    """
    steps = tuple(steps)
    for one, later in zip(steps, steps[1:], strict=False):
        if one.kind != COMPENSATABLE and later.kind != RETRIABLE:
            raise ValueError(f"{later.do!r} may be refused after {one.do!r}, which cannot be undone: put it before, "
                             "or make it retriable")
    names = [name for step in steps for name in (step.do, step.undo) if name]
    if len(set(names)) < len(names):
        raise ValueError("two commands of a saga have one name")
    return steps


def decide(steps: Sequence[Step], log: Sequence[tuple[str, str]]) -> Action | str:
    """What comes next, from what is known: the whole of a saga's logic, without a database or a message.

    Parameters
    ----------
    steps : sequence of Step
    log : sequence of (str, str)
        A step's `do`, and ``"done"``, ``"refused"`` or ``"undone"``, in the order in which it became known.

    Returns
    -------
    Action or str
        The next command, or ``"completed"`` or ``"compensated"``.

    Examples
    --------
    >>> order = [Step("stock", "reserve", "release"), Step("payment", "charge", "refund"), Step("stock", "ship")]
    >>> decide(order, [("reserve", "done")]).command
    'charge'
    >>> decide(order, [("reserve", "done"), ("charge", "refused")]).command
    'release'
    """
    done = [step for step in steps if (step.do, DONE) in log]
    if any((step.do, REFUSED) in log and not step.retriable for step in steps):
        left = [step for step in done if (step.do, UNDONE) not in log]
        return Action("undo", left[-1]) if left else COMPENSATED
    ahead = [step for step in steps if step not in done]
    return Action("do", ahead[0], 1 + log.count((ahead[0].do, REFUSED))) if ahead else COMPLETED


class Orchestrator(Service):
    """A service that runs sagas: every answer is written down with the next command, in one transaction.

    A subclass names its `steps`; `on_start` is what begins a saga, `began` and `ended` are called in the same
    transaction as what they tell of. A participant answers ``done``, ``refused`` or ``undone``.
    """

    steps: tuple[Step, ...] = ()
    schema = """
    CREATE TABLE IF NOT EXISTS saga (id TEXT PRIMARY KEY, body TEXT NOT NULL, state TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS saga_log (position INTEGER PRIMARY KEY, saga TEXT NOT NULL, step TEXT NOT NULL,
                                         outcome TEXT NOT NULL);
    """

    def __init_subclass__(cls, **options: Any):
        super().__init_subclass__(**options)
        check_order(cls.steps)

    def began(self, saga: str, body: dict) -> None:
        """A saga begins."""

    def ended(self, saga: str, state: str) -> None:
        """A saga is ``"completed"`` or ``"compensated"``."""

    def on_start(self, message: Envelope) -> None:
        """Begin the saga ``body["id"]``; one that there is already is not begun again."""
        saga = message.body["id"]
        begun = self.db.execute("INSERT OR IGNORE INTO saga VALUES (?, ?, ?)",
                                (saga, json.dumps(message.body, sort_keys=True), RUNNING))
        if begun.rowcount:
            self.began(saga, message.body)
            self._advance(saga)

    def on_done(self, message: Envelope) -> None:
        self._heard(message, DONE)

    def on_refused(self, message: Envelope) -> None:
        self._heard(message, REFUSED)

    def on_undone(self, message: Envelope) -> None:
        self._heard(message, UNDONE)

    def log(self, saga: str) -> list[tuple[str, str]]:
        """What is known of a saga, for `decide`."""
        return self.db.execute("SELECT step, outcome FROM saga_log WHERE saga = ? ORDER BY position",
                               (saga,)).fetchall()

    def _heard(self, message: Envelope, outcome: str) -> None:
        saga, step, attempt = message.correlation.split("/")
        expected = decide(self.steps, self.log(saga))
        if not isinstance(expected, Action) or (expected.step.do, str(expected.attempt)) != (step, attempt):
            return      # an answer to something that was answered long ago
        self.db.execute("INSERT INTO saga_log (saga, step, outcome) VALUES (?, ?, ?)", (saga, step, outcome))
        self._advance(saga)

    def _advance(self, saga: str) -> None:
        action = decide(self.steps, self.log(saga))
        if isinstance(action, str):
            self.db.execute("UPDATE saga SET state = ? WHERE id = ?", (action, saga))
            self.ended(saga, action)
            return
        body, = self.db.execute("SELECT body FROM saga WHERE id = ?", (saga,)).fetchone()
        number = f"{saga}/{action.step.do}/{action.attempt}"
        self.send(action.step.service, action.command, json.loads(body) | {"attempt": action.attempt},
                  reply_to=self.name, correlation=number, key=f"{saga}/{action.command}/{action.attempt}")
