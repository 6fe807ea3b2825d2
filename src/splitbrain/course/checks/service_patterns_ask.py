"""Checks a function that asks over queues, on a bus with a clock of its own, so that a second costs no time."""

from __future__ import annotations

import heapq
import json
from collections.abc import Callable
from itertools import count
from typing import Any

from splitbrain.course.feedback import Wrong, exercise, learner_code

ATTEMPTS, SECONDS = 3, 1.0
_MOST_CALLS = 1_000


class Bus:
    """What `ask` is given. Messages are dicts; time goes on only while somebody waits.

    Attributes
    ----------
    mine : str
        The asker's own queue.
    """

    mine = "answers for ann"

    def __init__(self, server: Server):
        self.clock, self.sent, self._server, self._inbox = 0.0, [], server, []
        self._ids, self._order, self._calls = count(1), count(), 0
        self.early: list[dict] = []

    def now(self) -> float:
        """Seconds since the bus began."""
        return self.clock

    def new_id(self) -> str:
        """A number that was never given before."""
        return f"q{next(self._ids)}"

    def send(self, queue: str, message: dict) -> None:
        """Put a message into a queue."""
        self._busy()
        if queue != "payment" or not isinstance(message, dict):
            raise Wrong("A question goes to the queue \"payment\", as a dict.", expected='bus.send("payment", {...})',
                        got=f"bus.send({queue!r}, {message!r})")
        missing = [name for name in ("id", "key", "reply to", "question") if name not in message]
        if missing:
            raise Wrong(f"The question lacks {missing[0]!r}. Without it the service cannot answer you alone.",
                        expected="id, key, reply to, question", got=sorted(message))
        message = json.loads(json.dumps(message))
        self.sent.append((self.clock, message))
        for after, answer in self._server.asked(message, len(self.sent)):
            self.deliver(self.clock + after, message["reply to"], answer)

    def deliver(self, when: float, queue: str, answer: dict) -> None:
        """An answer that will be there at a time."""
        if queue == self.mine:
            heapq.heappush(self._inbox, (when, next(self._order), answer))

    def receive(self, queue: str, seconds: float) -> dict | None:
        """The next message of a queue, waited for at most so long; or None."""
        self._busy()
        end = self.clock + max(float(seconds), 0.0)
        if queue == self.mine and self._inbox and self._inbox[0][0] <= end:
            when, _, message = heapq.heappop(self._inbox)
            self.clock = max(self.clock, when)
            return message
        self.clock = end
        return None

    def _busy(self) -> None:
        self._calls += 1
        if self._calls > _MOST_CALLS:
            raise Wrong(f"Your function used the bus {_MOST_CALLS:,} times for one question and would go on for ever. "
                        "Does each round bring it nearer to its deadline?",
                        expected=f"at most {ATTEMPTS} attempts of {SECONDS:g} s", got="no end")


class Server:
    """The payment service: carries out each key once; `after` says how late the answer to attempt n comes, or None."""

    def __init__(self, after: Callable[[int], float | None]):
        self.after, self.charged = after, []

    def asked(self, message: dict, attempt: int) -> list[tuple[float, dict]]:
        if message["key"] not in self.charged:
            self.charged.append(message["key"])
        after = self.after(attempt)
        return [] if after is None else [(after, {"id": message["id"], "answer": f"charged {message['question']}"})]


@exercise("11_service_patterns", "ask", title="A question that gets its answer", lines=12, seconds=10, hints=(
    "Two different things are to be told apart: which question an answer belongs to, and how long you still wait. "
    "Which of them changes from attempt to attempt, and which must not?",
    "One id and one key for the whole call. For each attempt: send, work out when it ends, and as long as there is "
    "time left, receive with what is left. An answer with another id is no reason to wait a second more.",
    "for each of 3 attempts: send {...}; end = bus.now() + 1; while the time left is more than 0: receive with the "
    "time left; if it is None, the attempt is over; if its id is yours, return its answer. After the loop, raise."))
def check_ask(ask: Callable) -> str:
    _answered(ask)
    _strangers(ask)
    _lost(ask)
    _silent(ask)
    _slow(ask)
    return ("each question got its own answer, late ones were put aside, nobody waited longer than three seconds, and "
            "what was asked again was charged once.")


def _call(ask: Callable, bus: Bus, question: Any = 30, key: str = "order 1") -> Any:
    with learner_code(passes=(TimeoutError,)):
        return ask(bus, question, key)


def _expect_answer(got: Any, story: str, question: int = 30) -> None:
    if got != f"charged {question}":
        raise Wrong(story, expected=repr(f"charged {question}"), got=repr(got))


def _try(ask: Callable, bus: Bus, story: str, question: int = 30, key: str = "order 1") -> Any:
    try:
        return _call(ask, bus, question, key)
    except TimeoutError:
        raise Wrong(story, expected=repr(f"charged {question}"), got="TimeoutError") from None


def _answered(ask: Callable) -> None:
    bus = Bus(Server(lambda attempt: 0.2))
    story = "The answer came after 0.2 s, to your queue, with the id of your question."
    _expect_answer(_try(ask, bus, story), story)
    if len(bus.sent) != 1:
        raise Wrong("The first question was answered in time, and yet it was sent again.", expected="sent once",
                    got=f"sent {len(bus.sent)} times")
    if bus.clock > 0.2 + 1e-6:
        raise Wrong("The answer was there after 0.2 s, and you went on waiting.", expected="0.2 s",
                    got=f"{bus.clock:g} s")
    _expect_answer(_try(ask, bus, story, 40, "order 2"), story, 40)
    if len({message["id"] for _, message in bus.sent}) < len(bus.sent):
        raise Wrong("Two questions have one id, so an answer cannot say which of them it is for.",
                    expected="an id of its own for each question", got=bus.sent[0][1]["id"])
    if bus.sent[0][1]["key"] == bus.sent[1][1]["key"]:
        raise Wrong("Two different charges have one key, so the second is never carried out.",
                    expected="the key that ask was given", got=bus.sent[0][1]["key"])


def _strangers(ask: Callable) -> None:
    bus = Bus(Server(lambda attempt: 0.5))
    bus.deliver(0.1, bus.mine, {"id": "an earlier question", "answer": "charged 99"})
    story = ("An answer to an earlier question came first: late, and not yours any more. Yours came half a second "
             "after you had asked.")
    _expect_answer(_try(ask, bus, story), story)


def _lost(ask: Callable) -> None:
    server = Server(lambda attempt: None if attempt == 1 else 0.2)
    bus = Bus(server)
    story = "The first answer was lost on the way. The question has to be asked again after a second."
    _expect_answer(_try(ask, bus, story), story)
    if len(server.charged) != 1:
        raise Wrong("The answer was lost, not the question: the money had been taken. You asked again under a new key, "
                    "so it was taken twice.", expected="the same key at every attempt", got=server.charged)


def _silent(ask: Callable) -> None:
    bus = Bus(Server(lambda attempt: None))
    for n in range(60):
        bus.deliver(0.4 * n, bus.mine, {"id": f"earlier {n}", "answer": "charged 99"})
    try:
        got = _call(ask, bus)
    except TimeoutError:
        got = None
    else:
        raise Wrong("Nobody ever answered your question: nobody knows whether it was done, and the caller has to be "
                    "told so.", expected="TimeoutError", got=repr(got))
    if len(bus.sent) != ATTEMPTS:
        raise Wrong("Nobody answered; the question is to be sent three times.", expected=f"sent {ATTEMPTS} times",
                    got=f"sent {len(bus.sent)} times")
    if not 2.9 < bus.clock < 3.1:
        raise Wrong("Nobody answered, but every 0.4 s an answer to some other question came by. Each attempt has one "
                    "second in all, whatever comes by in it.", expected="TimeoutError after 3 s",
                    got=f"after {bus.clock:g} s")


def _slow(ask: Callable) -> None:
    """Every answer takes 1.5 s: the first one comes while the second attempt waits."""
    server = Server(lambda attempt: 1.5)
    bus = Bus(server)
    story = "The answer to your first attempt came while you waited for the second: it is the answer to your question."
    _expect_answer(_try(ask, bus, story), story)
