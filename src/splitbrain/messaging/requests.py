"""Request and response over queues: whom to answer, which question, how long to wait, what is the same again.

A call that goes through queues needs four things that a function call has by itself: a *reply-to* (the asker's own
queue), a *correlation id* (which question this answers), a *deadline* (nobody waits for ever), and an *idempotency key*
(asked again is not asked twice). G. Hohpe and B. Woolf, *Enterprise Integration Patterns*, 2003: Request-Reply, Return
Address, Correlation Identifier.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable
from typing import Any

from splitbrain.messaging.envelope import REPLY, Envelope

# How long an answer that is remembered may be asked for again is the caller's affair; the table never forgets.
SCHEMA = "CREATE TABLE IF NOT EXISTS answered (key TEXT PRIMARY KEY, answer TEXT NOT NULL)"


class RequestTimeout(TimeoutError):
    """No answer came in time. Nobody knows whether the request was carried out."""


class Requester:
    """Asks, and waits for the answer to what it asked.

    Parameters
    ----------
    redis : redis.Redis
        Which answers in strings.
    name : str
        Its own reply queue is ``<name>:replies``: one requester, one name.

    Attributes
    ----------
    late : list of Envelope
        Answers to earlier questions, which came when nobody waited for them any more.
    """

    def __init__(self, redis: Any, name: str):
        self.name, self.late, self._redis, self._count = name, [], redis, 0

    @property
    def replies(self) -> str:
        """Where answers go."""
        return f"{self.name}:replies"

    def ask(self, queue: str, name: str, body: dict, *, seconds: float = 1.0, attempts: int = 1,
            key: str | None = None) -> dict:
        """Send a request and return the body of its answer.

        Parameters
        ----------
        queue : str
            The responder's.
        name : str
            What is asked.
        body : dict
            Plain data.
        seconds : float
            How long to wait for each attempt. The responder does not begin what is older.
        attempts : int
            How often to send it, all with one key.
        key : str, optional
            Whoever asks again after a crash gives the key of the first time; without it each call is a new question.

        Raises
        ------
        RequestTimeout
            No answer to this question came. It may have been carried out, and may yet be.
        """
        self._count += 1
        correlation = f"{self.name}-{self._count}"
        for attempt in range(1, attempts + 1):
            end = time.time() + seconds
            request = Envelope(name=name, id=f"{correlation}.{attempt}", body=body, sender=self.name, to=queue,
                               reply_to=self.replies, correlation=correlation, key=key or correlation, deadline=end)
            self._redis.rpush(queue, request.to_json())
            while (left := end - time.time()) > 0:
                if (reply := self._next(left)) is None:
                    break
                if reply.correlation == correlation:
                    return reply.body
                self.late.append(reply)
        raise RequestTimeout(f"no answer to {name!r} from {queue!r} within {attempts} x {seconds:g} s: "
                             "nobody knows whether it was done")

    def _next(self, seconds: float) -> Envelope | None:
        found = self._redis.blpop([self.replies], timeout=max(seconds, 0.01))     # 0 would be for ever
        return found and Envelope.from_json(found[1])


class Responder:
    """Answers what is in its queue: each key once, and the same answer to everyone who asks again.

    Parameters
    ----------
    redis : redis.Redis
        Which answers in strings.
    queue : str
    answer : callable
        ``answer(db, request) -> dict``, run in one transaction with the note that this key is answered. What it raises
        rolls both back and goes to the caller of `serve`; the request is then gone, and its asker may ask again.
    db : sqlite3.Connection
        With ``isolation_level=None``.
    """

    def __init__(self, redis: Any, queue: str, answer: Callable[[sqlite3.Connection, Envelope], dict],
                 db: sqlite3.Connection):
        self._redis, self._queue, self._answer, self._db = redis, queue, answer, db
        db.execute(SCHEMA)

    def serve(self, seconds: float = 1.0) -> bool:
        """Answer one request; False if none came within `seconds`. One past its deadline is taken and not begun."""
        found = self._redis.blpop([self._queue], timeout=max(seconds, 0.01))
        if found is None:
            return False
        request = Envelope.from_json(found[1])
        if request.deadline and time.time() > request.deadline:
            return True
        body = self._once(request)
        reply = Envelope(name=request.name, id=f"{self._queue}-{request.id}", body=body, kind=REPLY, cause=request.id,
                         sender=self._queue, to=request.reply_to, correlation=request.correlation)
        self._redis.rpush(request.reply_to, reply.to_json())
        return True

    def _once(self, request: Envelope) -> dict:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            row = self._db.execute("SELECT answer FROM answered WHERE key = ?", (request.key,)).fetchone()
            answer = json.loads(row[0]) if row else self._answer(self._db, request)
            if not row:
                self._db.execute("INSERT INTO answered VALUES (?, ?)", (request.key, json.dumps(answer)))
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")
        return answer
