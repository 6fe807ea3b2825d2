"""A reliable queue over Redis Streams: what was accepted is worked off at least once, or is a dead letter.

>>> from splitbrain.messaging.server import server
>>> with server(transport="unix") as redis:
...     queue = ReliableQueue(redis.client(), "orders")
...     _ = queue.put({"order": 7}, id="order-7")
...     [message] = queue.take("worker-1")
...     queue.acknowledge(message), message.body, queue.depth().owed
(1, {'order': 7}, 0)
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from splitbrain.messaging import stream_scripts

GROUP = "workers"
QUIET = 0.1  # seconds for which a waiting consumer is content with new messages, before it looks for others


class QueueFull(Exception):
    """There is no room: nothing was put, so the producer has to wait, or to send less."""


@dataclass(frozen=True, slots=True)
class Message:
    """A delivery.

    Attributes
    ----------
    id : str
        The producer's name for it, the same at every delivery: what an inbox knows it by.
    body : Any
        As it came out of JSON.
    tries : int
        The how-manieth delivery this is, from 1.
    why : str
        What the last failure said, or "".
    entry, consumer : str
        Where it stands in the stream, and who was given it.
    """

    id: str
    body: Any
    tries: int
    why: str
    entry: str
    consumer: str


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was given up, and why; `entry` names it to `ReliableQueue.replay`."""

    id: str
    body: Any
    tries: int
    why: str
    entry: str


@dataclass(frozen=True, slots=True)
class Depth:
    """How many messages wait, are given out and not acknowledged, are delayed, are dead."""

    waiting: int
    given_out: int
    delayed: int
    dead: int

    @property
    def owed(self) -> int:
        """All that is neither done nor dead: what a maximum length counts."""
        return self.waiting + self.given_out + self.delayed


def doubling(first: float = 0.1, *, most: float = 60.0) -> Callable[[int], float]:
    """A back-off: seconds to wait after a number of deliveries, twice as long each time.

    >>> [doubling(0.5, most=3)(tries) for tries in (1, 2, 3, 4)]
    [0.5, 1.0, 2.0, 3]
    """
    return lambda tries: min(most, first * 2 ** (tries - 1))


class ReliableQueue:
    """A queue with one group of consumers that compete for its messages.

    **What it promises.** A message whose `put` returned is delivered again and again until a worker acknowledges it,
    or it has had `max_deliveries` and stands among the dead letters with its reason. Messages wait in the order of
    their `put`. Nothing is ever trimmed: a queue that is full refuses.

    **What it does not.** *Each effect once*: a worker that dies between its effect and its acknowledgement is followed
    by one that is given the message again, and so is one that is slower than `idle`; a producer that was not told
    whether its put arrived has to put again, under the same id. `Inbox` makes one effect of it. *Order*: several
    consumers finish in any order, and a redelivery comes after what was behind it. *More than the server*: what Redis
    had not forced when the power went is gone (``appendfsync``), and what a replica had not received at a failover.

    Parameters
    ----------
    client : redis.Redis
        One that decodes responses and does not retry by itself, as `Server.client` makes it. Errors of the connection
        come through; after one of `put` nobody knows whether the message is in.
    name : str
    max_length : int, optional
        How many messages may be owed (waiting, given out or delayed). Without it as many as the memory holds.
    max_deliveries : int
        How often a message is given out before it is a dead letter.
    idle : float
        Seconds for which a worker may say nothing of a message. Then another one is given it, so it has to be longer
        than any work takes.
    backoff : function of an int
        Seconds until the next delivery, after so many.

    Raises
    ------
    ValueError
        A limit is not positive.

    References
    ----------
    Redis documentation, "Streams" (consumer groups; XPENDING, XCLAIM). J. Gray and A. Reuter, *Transaction Processing*,
    1993, section 6.4 (queued transactions). G. Hohpe and B. Woolf, *Enterprise Integration Patterns*, 2003: Competing
    Consumers, Dead Letter Channel, Idempotent Receiver.
    """

    def __init__(self, client, name: str, *, max_length: int | None = None, max_deliveries: int = 5,
                 idle: float = 30.0, backoff: Callable[[int], float] | None = None):
        if max_deliveries < 1 or idle <= 0 or (max_length is not None and max_length < 1):
            raise ValueError("max_deliveries and max_length are at least 1, idle is more than 0 seconds")
        self.client, self.name = client, name
        self.max_length, self.max_deliveries, self.idle = max_length, max_deliveries, idle
        self.backoff = backoff or doubling()
        self._stream = f"queue:{{{name}}}"
        self._keys = [self._stream, f"{self._stream}:later", f"{self._stream}:dead"]
        self._put, self._take, self._done, self._retry, self._replay = map(client.register_script, (
            stream_scripts.PUT, stream_scripts.TAKE, stream_scripts.ACKNOWLEDGE, stream_scripts.RETRY,
            stream_scripts.REPLAY))
        self._quiet_until = 0.0
        self._make_group()

    def put(self, body: Any, *, id: str | None = None, delay: float = 0.0, block: float = 0.0) -> str:
        """Put one message; when this returns the server has it. See `put_many`."""
        return self.put_many([body], ids=None if id is None else [id], delay=delay, block=block)[0]

    def put_many(self, bodies: Sequence[Any], *, ids: Sequence[str] | None = None, delay: float = 0.0,
                 block: float = 0.0) -> list[str]:
        """Put messages, all of them or none, in one round trip; returns their ids.

        Parameters
        ----------
        bodies : sequence
            What JSON can hold.
        ids : sequence of str, optional
            Names that stay the same if the same is put again; without them new ones are made up.
        delay : float
            Seconds until they may be delivered.
        block : float
            Seconds to wait for room before `QueueFull` is raised.

        Raises
        ------
        QueueFull
            There is not enough room, and nothing was put.
        ValueError
            There are not as many ids as bodies.
        """
        ids = [uuid.uuid4().hex for _ in bodies] if ids is None else list(map(str, ids))
        if len(ids) != len(bodies):
            raise ValueError(f"{len(bodies)} messages and {len(ids)} ids")
        pairs = [part for id, body in zip(ids, bodies, strict=True) for part in (id, json.dumps(body))]
        deadline, pause = time.monotonic() + block, 0.001
        while (room := self._put(self._keys, [self.max_length or 0, round(delay * 1000), *pairs])) != -1:
            if len(bodies) > self.max_length or time.monotonic() >= deadline:
                raise QueueFull(f"{self.name} has room for {max(0, room)} of {len(bodies)} messages")
            time.sleep(min(pause, max(0.0, deadline - time.monotonic())))
            pause = min(pause * 2, 0.05)
        return ids

    def take(self, consumer: str, count: int = 1, *, block: float = 0.0) -> list[Message]:
        """Up to `count` messages: first those of silent workers, then those that wait, the oldest first.

        One round trip if there is something; otherwise it waits up to `block` seconds. They are this consumer's until
        it acknowledges or retries them, or is silent about them for `idle` seconds.
        """
        deadline = time.monotonic() + block
        while True:
            now = time.monotonic()
            if block <= 0 or now >= self._quiet_until:
                found, due = self._take(self._keys, [consumer, count, round(self.idle * 1000), self.max_deliveries])
                if found or now >= deadline:
                    return [_message(entry, fields, tries, consumer) for entry, fields, tries in found]
                # Nothing to claim, nothing due: whoever waits is woken by a new message, or looks again after this.
                quiet = min([self.idle / 2, QUIET] + ([due / 1000] if due >= 0 else []))
                self._quiet_until = time.monotonic() + quiet
            patience = min(deadline, self._quiet_until) - time.monotonic()
            if woken := self._wait(consumer, count, max(1, round(patience * 1000))):
                return woken

    def acknowledge(self, *messages: Message) -> int:
        """The work is done: they are deleted. Returns how many were still owed, by whomever they are held."""
        if not messages:
            return 0
        return self._done([self._stream], [message.entry for message in messages])

    def retry(self, message: Message, why: str) -> str:
        """The work failed: deliver it again after its back-off, or, after `max_deliveries`, bury it.

        Returns
        -------
        str
            ``later``, ``dead``, or ``not yours``: by now another worker holds it, or somebody was done with it.
        """
        delay = round(self.backoff(message.tries) * 1000)
        return self._retry(self._keys, [message.consumer, message.entry, message.id, json.dumps(message.body),
                                        message.tries, why, self.max_deliveries, delay])

    def depth(self) -> Depth:
        """How many messages there are, counted at one moment."""
        with self.client.pipeline() as pipe:
            pipe.xlen(self._keys[0])
            pipe.xpending(self._stream, GROUP)
            pipe.zcard(self._keys[1])
            pipe.xlen(self._keys[2])
            length, pending, delayed, dead = pipe.execute()
        return Depth(length - pending["pending"], pending["pending"], delayed, dead)

    def dead_letters(self) -> list[DeadLetter]:
        """All that was given up, the oldest first."""
        return [DeadLetter(f["id"], json.loads(f["body"]), int(f["tries"]), f["why"], entry)
                for entry, f in self.client.xrange(self._keys[2])]

    def replay(self, *letters: DeadLetter) -> int:
        """Put dead letters to the end of the queue, their deliveries counted anew, whatever its length.

        Returns how many: one that somebody else has replayed is not put in twice.
        """
        return self._replay(self._keys, [letter.entry for letter in letters]) if letters else 0

    def _wait(self, consumer: str, count: int, milliseconds: int) -> list[Message]:
        """A script cannot wait; this command can."""
        answer = self.client.xreadgroup(GROUP, consumer, {self._stream: ">"}, count=count, block=milliseconds)
        if isinstance(answer, dict):  # RESP3
            answer = [(name, entries) for name, parts in answer.items() for entries in parts]
        found = [one for _, entries in answer for one in entries]
        return [Message(f["id"], json.loads(f["body"]), int(f.get("tries", 0)) + 1, f.get("why", ""), entry, consumer)
                for entry, f in found]

    def _make_group(self) -> None:
        import redis

        try:
            self.client.xgroup_create(self._stream, GROUP, id="0", mkstream=True)
        except redis.ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise


def _message(entry: str, fields: list, tries: int, consumer: str) -> Message:
    why = fields[7] if len(fields) > 4 else ""
    return Message(fields[1], json.loads(fields[3]), tries, why, entry, consumer)
